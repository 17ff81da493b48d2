import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { messageInfo, messagePart, openCodeError } from './message.ts';
import { openCodeAuthorization } from './server.ts';

/** OpenCode sends a heartbeat every ten seconds; a stream that is silent for so long is dead. */
const SILENCE_MS = 35_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

const sessionId = z.string();

export const sessionStatus = z.discriminatedUnion('type', [
	z.object({ type: z.literal('idle') }),
	z.object({ type: z.literal('busy') }),
	/** `next` is when the provider is tried again, in epoch milliseconds. */
	z.object({ type: z.literal('retry'), attempt: z.number(), message: z.string(), next: z.number() }),
]);
export type SessionStatus = z.infer<typeof sessionStatus>;

const openCodeEvent = z.union([
	event('message.updated', { info: messageInfo }).transform((e) => ({ type: e.type, message: e.properties.info })),
	event('message.part.updated', { part: messagePart }).transform((e) => ({ type: e.type, part: e.properties.part })),
	event('message.part.delta', {
		sessionID: sessionId,
		messageID: z.string(),
		partID: z.string(),
		field: z.literal('text'),
		delta: z.string(),
	}).transform(({ type, properties: p }) => ({ type, ...idsOf(p), text: p.delta })),
	event('message.part.removed', { sessionID: sessionId, messageID: z.string(), partID: z.string() }).transform(
		({ type, properties }) => ({ type, ...idsOf(properties) }),
	),
	event('session.status', { sessionID: sessionId, status: sessionStatus }).transform(({ type, properties: p }) => ({
		type,
		sessionId: p.sessionID,
		status: p.status,
	})),
	event('session.idle', { sessionID: sessionId }).transform((e) => ({
		type: e.type,
		sessionId: e.properties.sessionID,
	})),
	event('session.error', { sessionID: sessionId.optional(), error: openCodeError.optional() }).transform(
		({ type, properties: p }) => ({ type, sessionId: p.sessionID ?? null, error: p.error ?? null }),
	),
	event('file.edited', { file: z.string() }).transform((e) => ({ type: e.type, file: e.properties.file })),
	event('permission.asked', {
		id: z.string(),
		sessionID: sessionId,
		permission: z.string(),
		patterns: z.array(z.string()),
	}).transform(({ type, properties: p }) => ({
		type,
		requestId: p.id,
		sessionId: p.sessionID,
		permission: p.permission,
		patterns: p.patterns,
	})),
]);

/** `connected` comes first, and again after each gap: what happened in between has to be read. */
export type OpenCodeEvent = z.infer<typeof openCodeEvent> | { type: 'connected' };

const envelope = z.object({ payload: z.object({ type: z.string() }).loose() });

/** A server, and the `fetch` that reaches it where Node's own does not. */
type EventSource = { baseUrl: string; password: string; fetch?: typeof fetch };

/**
 * Everything that happens in an OpenCode server, in order, for ever: it connects again by itself, also while the server
 * is away, and survives a dispose. Events that doce has no use for, or cannot read, are left out. Ends when `signal`
 * aborts. Take events fast: what is not taken piles up in the server.
 */
export async function* subscribeEvents(server: EventSource, signal: AbortSignal): AsyncGenerator<OpenCodeEvent, void> {
	let delay = FIRST_DELAY_MS;
	while (!signal.aborted) {
		const connection = new AbortController();
		const stop = () => connection.abort();
		signal.addEventListener('abort', stop, { once: true });
		try {
			for await (const event of readConnection(server, connection)) {
				if (event.type === 'connected') delay = FIRST_DELAY_MS;
				yield event;
			}
		} catch (error) {
			// A lost connection is expected; a fault of our own is not.
			if (!isLostConnection(error)) throw error;
		} finally {
			signal.removeEventListener('abort', stop);
			connection.abort();
		}
		await sleep(delay, undefined, { signal }).catch(() => undefined);
		delay = Math.min(delay * 2, LONGEST_DELAY_MS);
	}
}

async function* readConnection(server: EventSource, connection: AbortController): AsyncGenerator<OpenCodeEvent, void> {
	const watchdog = setTimeout(() => connection.abort(), SILENCE_MS);
	try {
		const response = await (server.fetch ?? fetch)(new URL('/global/event', server.baseUrl), {
			headers: openCodeAuthorization(server.password),
			signal: connection.signal,
		});
		if (!response.ok || response.body === null) return await response.body?.cancel();
		yield { type: 'connected' };
		for await (const data of readFrames(response.body)) {
			watchdog.refresh();
			const event = parseEvent(data);
			if (event) yield event;
		}
	} finally {
		clearTimeout(watchdog);
	}
}

/** The data of each server-sent event. */
async function* readFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let rest = '';
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return;
		const frames = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
		rest = frames.pop() ?? '';
		for (const frame of frames) {
			const lines = frame.split(/\r?\n/).filter((line) => line.startsWith('data:'));
			if (lines.length > 0) yield lines.map((line) => line.slice(5).trimStart()).join('\n');
		}
	}
}

/** Undefined for what is malformed or of no use. */
function parseEvent(data: string): OpenCodeEvent | undefined {
	const json = parseJson(data);
	const outer = envelope.safeParse(json);
	return outer.success ? openCodeEvent.safeParse(outer.data.payload).data : undefined;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}

/** fetch reports every network fault as a TypeError, and our own abort as an AbortError. */
function isLostConnection(error: unknown): boolean {
	return error instanceof TypeError || (error instanceof Error && error.name === 'AbortError');
}

function event<const T extends string, P extends z.ZodRawShape>(type: T, properties: P) {
	return z.object({ type: z.literal(type), properties: z.object(properties) });
}

function idsOf(properties: { sessionID: string; messageID: string; partID: string }) {
	return { sessionId: properties.sessionID, messageId: properties.messageID, partId: properties.partID };
}
