import { z } from 'zod';
import { authType, connectionView, providerId } from './providers.ts';

/** What an entry of a moved-in text is: only a `new` one can be imported. */
const moveInState = z.enum(['new', 'duplicate', 'unreadable', 'unsupported']);
export type MoveInState = z.infer<typeof moveInState>;

/** One credential that was found in a pasted text. Never the secret itself. */
const moveInEntry = z.object({
	id: z.string(),
	/** What names it in the text: a variable, an id of auth.json, or its line. */
	source: z.string(),
	providerId: z.string().nullable(),
	providerName: z.string().nullable(),
	type: authType,
	/** Under which label it would be connected. */
	label: z.string(),
	lastFour: z.string().nullable(),
	state: moveInState,
	/** Why it is not new, in words. */
	reason: z.string().nullable(),
	/** Whether to import it unless the person says otherwise: the likeliest of several providers for one variable. */
	suggested: z.boolean(),
});
export type MoveInEntry = z.infer<typeof moveInEntry>;

export const moveInText = z.object({
	text: z.string().min(1, 'Paste something first.').max(200_000, 'That is too long: paste at most 200,000 characters.'),
	fileName: z.string().max(255).optional(),
});
export type MoveInText = z.infer<typeof moveInText>;

export const moveInPreview = z.object({
	entries: z.array(moveInEntry),
	/** How many other lines there are, which hold no provider's key. */
	ignored: z.number().int(),
});
export type MoveInPreview = z.infer<typeof moveInPreview>;

export const moveInInput = moveInText.extend({
	choose: z.array(z.string().max(200)).min(1, 'Choose at least one entry.').max(100),
	skipTest: z.boolean().optional(),
});
export type MoveInInput = z.infer<typeof moveInInput>;

export const moveInResult = z.object({
	entryId: z.string(),
	state: z.enum(['connected', 'failed']),
	/** Why it failed, in words. */
	reason: z.string().nullable(),
	/** Whether saving it without a test is reasonable: the failure says nothing about the key. */
	skippable: z.boolean(),
	connection: connectionView.nullable(),
});
export type MoveInResult = z.infer<typeof moveInResult>;

/** A file that still holds keys in plain text: the one that was given, or one that exists on the server. */
export const plainKeyFile = z.object({ path: z.string(), where: z.enum(['given', 'server']) });
export type PlainKeyFile = z.infer<typeof plainKeyFile>;

/** A provider's key in the environment of the server. */
export const environmentKey = z.object({
	/** The variable. */
	name: z.string(),
	lastFour: z.string().nullable(),
	/** Who reads this variable, the likeliest first. */
	providers: z.array(z.object({ id: z.string(), name: z.string() })),
	/** The label of one's connection that has this very key. */
	copiedAs: z.string().nullable(),
	/** Why it cannot be copied, in words. */
	problem: z.string().nullable(),
});
export type EnvironmentKey = z.infer<typeof environmentKey>;

export const copyEnvironmentKeyInput = z.object({
	name: z.string().max(200),
	/** Where several providers read the variable; the likeliest unless set. */
	providerId: providerId.optional(),
	skipTest: z.boolean().optional(),
});
export type CopyEnvironmentKeyInput = z.infer<typeof copyEnvironmentKeyInput>;
