import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WireFormat } from '#shared/providers.ts';
import { chatCompletions } from './chatCompletions.ts';
import { generateContent } from './generateContent.ts';
import { messages } from './messages.ts';
import { responses } from './responses.ts';
import { type Faults, followScript } from './script.ts';
import type { Conversation, Json, Reply, Wire } from './wire.ts';

/** One request as it reached the fake. */
export type FakeLlmRequest = {
	kind: 'generate' | 'models' | 'key';
	path: string;
	/** The format whose path, or for lists whose header, was used. */
	format: WireFormat;
	key: string | undefined;
	headers: Record<string, string>;
	model: string;
	userText: string;
	toolNames: string[];
	/** The whole request, for what the fields above leave out. */
	body: Record<string, unknown>;
	/** Milliseconds since 1970. */
	at: number;
	/** 0 when the connection was left open or cut. */
	status: number;
};

export type FakeLlm = {
	/** `http://127.0.0.1:<port>`; every format is under any prefix, such as `/v1`. */
	url: string;
	port: number;
	requests: FakeLlmRequest[];
	setKeys(keys: string[]): void;
	close(): Promise<void>;
};

export type FakeLlmOptions = {
	keys: string[];
	/** What `GET …/models` lists. */
	models?: string[];
	/** Whether the model list needs no key, as with some real endpoints. */
	publicModels?: boolean;
	/** Whether a refusal repeats the whole key, in its words and in a header, instead of its beginning. */
	echoesKey?: boolean;
	/** 0 lets the system choose. */
	port?: number;
};

const WIRES: Wire[] = [chatCompletions, responses, messages, generateContent];

type State = Required<FakeLlmOptions> & { requests: FakeLlmRequest[]; statusesSent: Map<string, number> };

/** Starts a provider on the loopback that checks keys, speaks four wire formats and does what the prompt scripts. */
export async function startFakeLlm(options: FakeLlmOptions): Promise<FakeLlm> {
	const state: State = {
		models: ['fake-1'],
		publicModels: false,
		echoesKey: false,
		port: 0,
		...options,
		requests: [],
		statusesSent: new Map(),
	};
	const server = createServer((request, response) => {
		answer(state, request, response).catch((error: unknown) => {
			if (response.headersSent || response.destroyed) return void response.destroy();
			sendJson(response, 400, { error: { message: String(error) } });
		});
	});
	server.listen(state.port, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		port,
		requests: state.requests,
		setKeys: (keys) => {
			state.keys = keys;
		},
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const url = new URL(request.url ?? '/', 'http://localhost');
	if (request.method === 'GET') return answerList(state, request, url, response);
	const wire = WIRES.find(({ path }) => path.test(url.pathname));
	if (!wire) return sendJson(response, 404, { error: { message: `No such path: ${url.pathname}` } });
	const body = JSON.parse((await text(request)) || '{}') as Json;
	const conversation = wire.read(body, url.pathname);
	const seen = record(state, 'generate', wire, request, url, { ...conversation, body });
	if (!isKnown(state, seen)) return rejectKey(state, wire, seen, response);
	const { reply, faults } = followScript(conversation);
	if (faults.status && statusIsDue(state, faults.status, conversation)) {
		const { code, retryAfter } = faults.status;
		return refuse(wire, seen, response, code, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
	}
	if (faults.hang) return;
	if (faults.reset) return void request.socket.destroy();
	seen.status = 200;
	const echo = faults.echo ? seen : undefined;
	if (conversation.stream) return stream(response, wire, reply, { ...faults, echo });
	await sleep(faults.slowMs);
	sendJson(response, 200, wire.whole(reply));
}

async function answerList(state: State, request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
	const kind = url.pathname.endsWith('/models') ? 'models' : url.pathname.endsWith('/key') ? 'key' : undefined;
	if (!kind) return sendJson(response, 404, { error: { message: `No such path: ${url.pathname}` } });
	const wire =
		WIRES.findLast((each) => each.key(request.headers, url.searchParams) !== undefined) ??
		WIRES.find((each) => each.format === formatOfPath(url.pathname)) ??
		chatCompletions;
	const seen = record(state, kind, wire, request, url);
	if (!isKnown(state, seen) && !(kind === 'models' && state.publicModels))
		return rejectKey(state, wire, seen, response);
	seen.status = 200;
	if (kind === 'models') return sendJson(response, 200, wire.modelList(state.models));
	sendJson(response, 200, {
		data: { label: 'fake', usage: 0, limit: null, limit_remaining: null, is_free_tier: false },
	});
}

/** Without a key, only the address tells whose list is meant. */
function formatOfPath(path: string): WireFormat | undefined {
	if (path.includes('/anthropic/')) return 'messages';
	return path.includes('/v1beta/') ? 'generate-content' : undefined;
}

function record(
	state: State,
	kind: FakeLlmRequest['kind'],
	wire: Wire,
	request: IncomingMessage,
	url: URL,
	said?: Conversation & { body: Json },
): FakeLlmRequest {
	const seen: FakeLlmRequest = {
		kind,
		path: url.pathname,
		format: wire.format,
		key: wire.key(request.headers, url.searchParams),
		headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
		model: said?.model ?? '',
		userText: said?.userText ?? '',
		toolNames: said?.toolNames ?? [],
		body: said?.body ?? {},
		at: Date.now(),
		status: 0,
	};
	state.requests.push(seen);
	return seen;
}

function isKnown(state: State, seen: FakeLlmRequest): boolean {
	return seen.key !== undefined && state.keys.includes(seen.key);
}

/** Real providers repeat a part of the key, some of them all of it. */
function rejectKey({ echoesKey }: State, wire: Wire, seen: FakeLlmRequest, response: ServerResponse): void {
	const echo = echoesKey ? seen.key : `${seen.key?.slice(0, 6)}***`;
	seen.status = 401;
	const body = wire.errorBody(401, `Incorrect API key provided: ${echo}`);
	sendJson(response, 401, body, echoesKey && seen.key !== undefined ? { 'x-echoed-key': seen.key } : {});
}

function refuse(wire: Wire, seen: FakeLlmRequest, response: ServerResponse, status: number, headers = {}): void {
	seen.status = status;
	sendJson(response, status, wire.errorBody(status, `Scripted answer ${status}`), headers);
}

function statusIsDue(state: State, { times }: NonNullable<Faults['status']>, { userText }: Conversation): boolean {
	const sent = (state.statusesSent.get(userText) ?? 0) + 1;
	state.statusesSent.set(userText, sent);
	return sent <= times;
}

type Stream = Omit<Faults, 'echo'> & { echo: FakeLlmRequest | undefined };

async function stream(response: ServerResponse, wire: Wire, reply: Reply, faults: Stream): Promise<void> {
	const { echo } = faults;
	const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
	response.writeHead(200, { ...headers, ...(echo?.key !== undefined && { 'x-request-id': echo.key }) });
	if (echo !== undefined) response.write(`: ${JSON.stringify(echo.headers)}\n\n`);
	const frames = wire.frames(reply);
	for (const [index, { event, data }] of frames.entries()) {
		if (response.destroyed) return;
		if (event !== undefined) response.write(`event: ${event}\n`);
		response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
		if (faults.cut && index + 1 >= frames.length / 2) {
			// What is written leaves the process at the next tick; destroying at once would drop it.
			await sleep(20);
			return void response.socket?.destroy();
		}
		if (faults.slowMs > 0) await sleep(faults.slowMs);
	}
	response.end();
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
