import { z } from 'zod';

/** A model server that people run at home, as it was found or not found. */
export const localServer = z.object({
	kind: z.enum(['ollama', 'lmstudio']),
	name: z.string(),
	/** Where it answers, up to the version; null when it does not. */
	baseUrl: z.string().nullable(),
	/** The models that can hold a conversation. */
	models: z.array(z.object({ id: z.string(), name: z.string() })),
	/** What is wrong, in words; null when it can be connected. */
	fault: z.string().nullable(),
	/** What to do about it. */
	cure: z.string().nullable(),
	/** A command for the person to run, as a part of the cure. */
	command: z.string().nullable(),
	/** Whether a connection to this address exists. */
	connected: z.boolean(),
});
export type LocalServer = z.infer<typeof localServer>;
