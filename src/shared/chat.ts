import { z } from 'zod';
import { connectionReason } from './providers.ts';

/** Why a message waits: what is wrong with its connection, or that a budget is used up. */
const waitingReason = z.enum([...connectionReason.options, 'over_budget']);
export type WaitingReason = z.infer<typeof waitingReason>;

export const messagePart = z.discriminatedUnion('type', [
	z.object({ type: z.literal('text'), id: z.string(), text: z.string() }),
	z.object({ type: z.literal('reasoning'), id: z.string(), text: z.string() }),
	z.object({
		type: z.literal('tool'),
		id: z.string(),
		tool: z.string(),
		state: z.enum(['pending', 'running', 'completed', 'error']),
		title: z.string(),
		/** The tool's arguments, shortened. */
		input: z.string(),
		/** What came back, shortened; the error's text when `state` is `error`. */
		output: z.string(),
	}),
]);
export type MessagePart = z.infer<typeof messagePart>;

const messageError = z.object({
	/**
	 * `provider` and `credential` failures are cured in Settings; `cancelled` was the person's wish; `waiting` is kept
	 * until the provider works again, and then sent by itself.
	 */
	kind: z.enum(['credential', 'provider', 'cancelled', 'internal', 'waiting']),
	message: z.string(),
	/** For `waiting`: what is wrong, with which connection, until when if that is known. */
	reason: waitingReason.optional(),
	connectionId: z.string().optional(),
	retryAt: z.iso.datetime().optional(),
	/** For `waiting`: who could answer instead, if the person wants. */
	offer: z.object({ connectionId: z.string(), providerName: z.string(), modelName: z.string() }).optional(),
});
export type MessageError = z.infer<typeof messageError>;

export const messageView = z.object({
	id: z.string(),
	role: z.enum(['user', 'assistant']),
	parts: z.array(messagePart),
	providerId: z.string().nullable(),
	modelId: z.string().nullable(),
	error: messageError.optional(),
	/** What else there is to say, such as that another provider answered. */
	note: z.string().optional(),
	createdAt: z.iso.datetime(),
	completedAt: z.iso.datetime().nullable(),
	/** For a user's message: the state of the job that sends it. */
	jobId: z.string().nullable(),
});
export type MessageView = z.infer<typeof messageView>;

export const chatText = z
	.string()
	.trim()
	.min(1, 'Write a message first.')
	.max(20_000, 'A message has at most 20,000 characters.');
