import { createHash } from 'node:crypto';
import { createOpencodeClient } from '@opencode-ai/sdk/v2';
import type { Secret } from '#server/secret.ts';
import { type OpenCodeEvent, type SessionStatus, sessionStatus, subscribeEvents } from './events.ts';
import { messageInfo, messagePart, type OpenCodeMessage, type OpenCodePart } from './message.ts';
import { fetchOf, type ServerAddress } from './reach.ts';
import { openCodeAuthorization } from './server.ts';

/** A request that lands as the socket opens hangs for ever, so each look at the health gives up by itself, in ms. */
const HEALTH_TIMEOUT = 400;
const HEALTH_INTERVAL = 50;
/** No call that doce makes waits for a model, so one without an answer for so long is lost, in ms. */
const CALL_TIMEOUT = 30_000;
/** A session of a long life has some; more are not looked into. */
const MOST_DESCENDANTS = 500;

export type OpenCodeAddress = ServerAddress & { password: string; directory: string };

/** A credential as OpenCode stores it. */
export type OpenCodeAuth =
	| { type: 'api'; key: Secret; metadata?: Record<string, string> | undefined }
	| {
			type: 'oauth';
			access: Secret;
			/** Empty: the plugin cannot refresh. */
			refresh: Secret;
			/** Epoch ms. */
			expires: number;
			accountId?: string | undefined;
			enterpriseUrl?: string | undefined;
	  };

export type Prompt = {
	sessionId: string;
	messageId: string;
	partId: string;
	text: string;
	providerId: string;
	modelId: string;
};

export type TranscriptEntry = { message: OpenCodeMessage; parts: OpenCodePart[] };

/**
 * The calls doce makes to one project's OpenCode. Failures are `OpenCodeUnavailable` with the call's name and status:
 * OpenCode's own error texts may echo a key, so they stay here.
 */
export type OpenCode = ReturnType<typeof connectOpenCode>;

export function connectOpenCode(address: OpenCodeAddress) {
	const baseUrl = `http://${address.host}:${address.port}`;
	const { authorization } = openCodeAuthorization(address.password);
	const { directory } = address;
	const reach = fetchOf(address);
	const fetchInTime: typeof fetch = (input, init) =>
		reach(input, { ...init, signal: AbortSignal.timeout(CALL_TIMEOUT) });
	const client = createOpencodeClient({ baseUrl, headers: { authorization }, directory, fetch: fetchInTime });

	async function createSession(owner: string, title: string): Promise<string> {
		return (await succeed('session.create', client.session.create({ title, metadata: { doce: owner } }))).id;
	}

	return {
		/** Tells this server from another one at the same address: a restarted one has a password of its own. */
		identity: createHash('sha256').update(`${baseUrl} ${address.password}`).digest('hex'),

		/** Whether it answers with our password; false also for a server that is not ours. */
		async isHealthy(): Promise<boolean> {
			const signal = AbortSignal.timeout(HEALTH_TIMEOUT);
			try {
				return (await reach(`${baseUrl}/global/health`, { headers: { authorization }, signal })).ok;
			} catch (error) {
				if (isNetworkFailure(error)) return false;
				throw error;
			}
		},

		/** Boots the project's instance without loading providers, so that keys set afterwards are seen. */
		async warm(): Promise<void> {
			await succeed('path', client.path.get());
		},

		async setCredential(providerID: string, credential: OpenCodeAuth): Promise<void> {
			const auth = plainAuth(credential);
			await inTurn(baseUrl, async () => confirm('auth.set', client.auth.set({ providerID, auth })));
		},

		async removeCredential(providerID: string): Promise<void> {
			await inTurn(baseUrl, async () => confirm('auth.remove', client.auth.remove({ providerID })));
		},

		/** Whether prompts would find a key for this provider. Loads the providers; of the answer nothing else gets out. */
		async hasKey(providerID: string): Promise<boolean> {
			const { providers } = await succeed('config.providers', client.config.providers());
			return providers.some(({ id, key, options }) => id === providerID && Boolean(key ?? options['apiKey']));
		},

		/** Makes OpenCode read config and keys again. It aborts running turns: only while `busySessions` is empty. */
		async dispose(): Promise<void> {
			await confirm('instance.dispose', client.instance.dispose());
		},

		async busySessions(): Promise<string[]> {
			const statuses = await succeed('session.status', client.session.status());
			return Object.entries(statuses).flatMap(([id, status]) => (status.type === 'idle' ? [] : [id]));
		},

		/** What a session does now; `retry` while its provider does not serve. */
		async sessionStatus(sessionID: string): Promise<SessionStatus> {
			const statuses = await succeed('session.status', client.session.status());
			return sessionStatus.parse(statuses[sessionID] ?? { type: 'idle' });
		},

		async hasSession(sessionID: string): Promise<boolean> {
			const { response } = await client.session.get({ sessionID });
			if (response === undefined || response.status >= 500) throw failed('session.get', response);
			return response.ok;
		},

		/** A new session, marked with `owner`, an id of ours. */
		createSession,

		/** The session made for `owner`, or a new one: a repeated call finds the first. */
		async ensureSession(owner: string, title: string): Promise<string> {
			const sessions = await succeed('session.list', client.session.list());
			const known = sessions.find((session) => session.metadata?.['doce'] === owner);
			return known?.id ?? createSession(owner, title);
		},

		/**
		 * Sends a message whose ids are ours. Sent again with the same ids it stays one message: an answered one is left
		 * alone, an unanswered one is taken up. Only the newest message may be sent again.
		 */
		async sendPrompt(prompt: Prompt): Promise<void> {
			const {
				sessionId: sessionID,
				messageId: messageID,
				partId,
				text,
				providerId: providerID,
				modelId: modelID,
			} = prompt;
			const parts = [{ type: 'text' as const, id: partId, text }];
			const answer = await client.session.promptAsync({ sessionID, messageID, model: { providerID, modelID }, parts });
			if (!answer.response?.ok) throw failed('session.prompt', answer.response);
		},

		/** The session's messages, oldest first. */
		async listMessages(sessionID: string): Promise<TranscriptEntry[]> {
			const entries = await succeed('session.messages', client.session.messages({ sessionID }));
			return entries.map(({ info, parts }) => ({ message: messageInfo.parse(info), parts: parseParts(parts) }));
		},

		/** The sessions that a session's agent began for others to help it, and those that they began. */
		async listDescendants(sessionID: string): Promise<string[]> {
			const found: string[] = [];
			for (let next: string | undefined = sessionID; next !== undefined; next = found[found.indexOf(next) + 1]) {
				const children = await succeed('session.children', client.session.children({ sessionID: next }));
				found.push(...children.map(({ id }) => id).filter((id) => !found.includes(id)));
				if (found.length > MOST_DESCENDANTS) return found.slice(0, MOST_DESCENDANTS);
			}
			return found;
		},

		async abort(sessionID: string): Promise<void> {
			await succeed('session.abort', client.session.abort({ sessionID }));
		},

		/** Everything that happens in this OpenCode, reconnecting by itself until `signal` aborts. */
		events(signal: AbortSignal): AsyncGenerator<OpenCodeEvent, void> {
			return subscribeEvents({ baseUrl, password: address.password, fetch: reach }, signal);
		},
	};
}

function plainAuth(auth: OpenCodeAuth) {
	if (auth.type === 'api') {
		const { key, metadata } = auth;
		return { type: 'api' as const, key: key.reveal(), ...(metadata !== undefined && { metadata }) };
	}
	const { access, refresh, expires, accountId, enterpriseUrl } = auth;
	return {
		type: 'oauth' as const,
		access: access.reveal(),
		refresh: refresh.reveal(),
		expires,
		...(accountId !== undefined && { accountId }),
		...(enterpriseUrl !== undefined && { enterpriseUrl }),
	};
}

/** Waits until it is healthy; asks `find` before each try, since a restarted process may have moved. */
export async function waitUntilHealthy(find: () => Promise<OpenCode>, signal: AbortSignal): Promise<OpenCode> {
	for (;;) {
		signal.throwIfAborted();
		const openCode = await find();
		if (await openCode.isHealthy()) return openCode;
		await pause(HEALTH_INTERVAL, signal);
	}
}

/** The parts among `parts` that doce has a use for. */
function parseParts(parts: readonly unknown[]): OpenCodePart[] {
	return parts.flatMap((part) => messagePart.safeParse(part).data ?? []);
}

type Answer<T> = Promise<{ data?: T | undefined; error?: unknown; response?: Response | undefined }>;

async function succeed<T>(call: string, answer: Answer<T>): Promise<T> {
	const { data, response } = await answer;
	if (data === undefined || response?.ok !== true) throw failed(call, response);
	return data;
}

/** For calls that answer 200 whatever happened, and `true` when they did it. */
async function confirm(call: string, answer: Answer<unknown>): Promise<void> {
	const { data, response } = await answer;
	if (data !== true) throw failed(call, response);
}

/** Not an `AppError`: the queue tries again, and the person sees a neutral sentence. */
function failed(call: string, response: Response | undefined): Error {
	return new OpenCodeUnavailable(
		`OpenCode did not do ${call}: ${response === undefined ? 'no answer' : response.status}.`,
	);
}

/** OpenCode refused a call or was not there. Holds nothing that OpenCode said. */
class OpenCodeUnavailable extends Error {
	override readonly name = 'OpenCodeUnavailable';
}

const turns = new Map<string, Promise<void>>();

/** One at a time for each server: of parallel `auth.set` calls OpenCode keeps the last alone. */
async function inTurn(server: string, work: () => Promise<void>): Promise<void> {
	const before = turns.get(server) ?? Promise.resolve();
	const mine = before.then(work);
	const settled = mine.then(
		() => undefined,
		() => undefined,
	);
	turns.set(server, settled);
	await mine.finally(() => {
		if (turns.get(server) === settled) turns.delete(server);
	});
}

function isNetworkFailure(error: unknown): boolean {
	return (
		error instanceof TypeError || (error instanceof DOMException && ['TimeoutError', 'AbortError'].includes(error.name))
	);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const done = (): void => {
			clearTimeout(timer);
			signal.removeEventListener('abort', done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal.addEventListener('abort', done, { once: true });
	});
}
