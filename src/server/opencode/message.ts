import { z } from 'zod';

/**
 * What went wrong in a turn. `message` may be the provider's own words, and providers repeat what they were sent:
 * redact it before it is stored or shown. The provider's whole answer is left out here.
 */
export type OpenCodeError = { name: string; message: string; statusCode: number | undefined };

export const openCodeError = z
	.object({
		name: z.string(),
		data: z.object({ message: z.string().optional(), statusCode: z.number().optional() }).optional(),
	})
	.transform(({ name, data }): OpenCodeError => ({ name, message: data?.message ?? '', statusCode: data?.statusCode }));

const time = z.object({ created: z.number(), completed: z.number().optional() });
const tokens = z.object({
	input: z.number(),
	output: z.number(),
	reasoning: z.number(),
	cache: z.object({ read: z.number(), write: z.number() }),
});

const userMessage = z
	.object({
		id: z.string(),
		sessionID: z.string(),
		role: z.literal('user'),
		time,
		model: z.object({ providerID: z.string(), modelID: z.string() }),
	})
	.transform((info) => ({
		role: info.role,
		id: info.id,
		sessionId: info.sessionID,
		providerId: info.model.providerID,
		modelId: info.model.modelID,
		createdAt: info.time.created,
	}));

const assistantMessage = z
	.object({
		id: z.string(),
		sessionID: z.string(),
		role: z.literal('assistant'),
		time,
		parentID: z.string(),
		providerID: z.string(),
		modelID: z.string(),
		cost: z.number(),
		tokens,
		finish: z.string().optional(),
		error: openCodeError.optional(),
	})
	.transform((info) => ({
		role: info.role,
		id: info.id,
		sessionId: info.sessionID,
		/** The user's message that this one answers. */
		parentId: info.parentID,
		providerId: info.providerID,
		modelId: info.modelID,
		/** US dollars. */
		cost: info.cost,
		tokens: info.tokens,
		/** Why the model stopped: `tool-calls` means that the turn goes on in another message. */
		finish: info.finish ?? null,
		error: info.error ?? null,
		/** Epoch milliseconds, as `completedAt`, which is null while the model writes. */
		createdAt: info.time.created,
		completedAt: info.time.completed ?? null,
	}));

export const messageInfo = z.union([userMessage, assistantMessage]);
/** A message without its parts. */
export type OpenCodeMessage = z.infer<typeof messageInfo>;

const partIds = { id: z.string(), sessionID: z.string(), messageID: z.string() };

const span = z.object({ end: z.number().optional() });

const writtenPart = z
	.object({
		...partIds,
		type: z.enum(['text', 'reasoning']),
		text: z.string(),
		synthetic: z.boolean().optional(),
		time: span.optional(),
	})
	.transform((part) => ({
		type: part.type,
		...idsOf(part),
		text: part.text,
		/** True for text that OpenCode added itself. */
		synthetic: part.synthetic ?? false,
		/** True once nothing more of it comes. */
		ended: part.time?.end !== undefined,
	}));

const toolState = z.object({
	status: z.enum(['pending', 'running', 'completed', 'error']),
	input: z.record(z.string(), z.unknown()),
	title: z.string().optional(),
	output: z.string().optional(),
	error: z.string().optional(),
});

const toolPart = z
	.object({ ...partIds, type: z.literal('tool'), tool: z.string(), callID: z.string(), state: toolState })
	.transform(({ state, ...part }) => ({
		type: part.type,
		...idsOf(part),
		tool: part.tool,
		state: state.status,
		title: state.title ?? '',
		input: state.input,
		/** What came back, or the error's text. */
		output: state.output ?? state.error ?? '',
	}));

const stepFinishPart = z
	.object({ ...partIds, type: z.literal('step-finish'), cost: z.number(), tokens })
	.transform((part) => ({ type: part.type, ...idsOf(part), cost: part.cost, tokens: part.tokens }));

export const messagePart = z.union([writtenPart, toolPart, stepFinishPart]);
/** The kinds of part that doce uses; OpenCode has more, which are left out. */
export type OpenCodePart = z.infer<typeof messagePart>;

function idsOf(part: { id: string; sessionID: string; messageID: string }) {
	return { id: part.id, sessionId: part.sessionID, messageId: part.messageID };
}
