import { z } from 'zod';

/** One provider that an organisation's document configures. */
const wellKnownProvider = z.object({
	id: z.string(),
	name: z.string(),
	/** null: the provider's own address. */
	baseUrl: z.string().nullable(),
	models: z.array(z.object({ id: z.string(), name: z.string() })),
	/** Why it cannot be connected here, in words; null when it can. */
	unavailable: z.string().nullable(),
});
export type WellKnownProvider = z.infer<typeof wellKnownProvider>;

/** What an organisation's document would configure. Never a secret. */
export const wellKnownPreview = z.object({
	/** The organisation's address, as it will be stored. */
	url: z.string(),
	/** The name under which the document speaks of the token. */
	envName: z.string(),
	/** What OpenCode would run to get a token; doce never does. */
	command: z.string().nullable(),
	providers: z.array(wellKnownProvider),
	/** What the document also configures and doce leaves out, in words. */
	leftOut: z.array(z.string()),
	/** A part of the document is only to be had with the token. */
	needsToken: z.boolean(),
	/** The host that the token is shown to for that part. */
	tokenShownAt: z.string().nullable(),
});
export type WellKnownPreview = z.infer<typeof wellKnownPreview>;

export const readWellKnownInput = z.object({
	url: z.string().trim().min(1, 'Give the address of the organisation.').max(500),
	/** The admin's word that a private or loopback address is meant. */
	local: z.boolean().optional(),
	/** For a document of which a part is only to be had with it. */
	token: z.string().max(20_000).optional(),
});
