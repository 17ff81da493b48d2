import {
	createServer,
	type IncomingMessage,
	type Server,
	type ServerResponse,
	request as sendRequest,
} from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import type { Destination } from '../../runtime.ts';
import { connectTo, findAllowed, isOwnMachine, parseAuthority } from './destinations.ts';
import { nameOf } from './state.ts';
import { tunnel } from './tunnel.ts';
import { refusal, wordsOf } from './words.ts';

const MOST_CONNECTIONS = 256;
/** How long a question for tunnels waits for a change. */
const QUESTION_MS = 60_000;
/** Headers that are between two neighbours. */
const HOP_BY_HOP = ['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'te', 'trailer', 'upgrade'];
const SECRETS_OF_PROXIES = ['proxy-authorization', 'proxy-authenticate'];

export type ProjectProxy = {
	server: Server;
	/** Says that what is allowed has changed: what no longer is ends at once. Resolves when the fences have opened, and closed, their tunnels. */
	changed(): Promise<void>;
};

/** One project's way out: `CONNECT` and plain http to what is allowed, and to nothing else. */
export function createProjectProxy(allowed: () => readonly Destination[]): ProjectProxy {
	const tunnels = new Map<Duplex, string>();
	const questions = new Set<{ have: string; answer: () => void }>();
	let onQuestion: () => void = () => undefined;
	const local = () => allowed().filter(isOwnMachine).map(nameOf);

	/** A fence asks which tunnels it should have, and waits as long as it has just these. */
	function tell(url: URL, response: ServerResponse): void {
		const question = {
			have: url.searchParams.get('have') ?? '',
			answer() {
				clearTimeout(timer);
				if (questions.delete(question)) response.end(JSON.stringify(local()));
			},
		};
		const timer = setTimeout(question.answer, QUESTION_MS);
		questions.add(question);
		response.on('close', question.answer);
		if (question.have !== local().join(',')) question.answer();
		onQuestion();
	}

	const server = createServer((request, response) => {
		const url = URL.parse(request.url ?? '');
		if (url !== null) {
			forward(url, request, response, allowed()).catch(() => request.socket.destroy());
			return;
		}
		const own = URL.parse(request.url ?? '/', 'http://doce');
		if (request.method === 'GET' && own?.pathname === '/tunnels') return tell(own, response);
		refuse(response, 400, 'This is a proxy.');
	});
	server.maxConnections = MOST_CONNECTIONS;
	server.requestTimeout = 0;
	server.on('connect', (request, socket, head) => {
		tunnels.set(socket, request.url?.toLowerCase() ?? '');
		socket.once('close', () => tunnels.delete(socket));
		tunnel(request, socket, head, allowed()).catch(() => socket.destroy());
	});
	server.on('clientError', (_, socket) => socket.destroy());
	return {
		server,
		async changed() {
			const open = new Set(allowed().map(nameOf));
			for (const [socket, name] of tunnels) if (!open.has(name)) socket.destroy();
			const waiting = [...questions].filter(({ have }) => have !== local().join(','));
			const count = questions.size;
			for (const { answer } of waiting) answer();
			if (waiting.length === 0) return;
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, 1_000);
				onQuestion = () => {
					if (questions.size < count) return;
					clearTimeout(timer);
					resolve();
				};
			});
		},
	};
}

/** Plain http, as a proxy is asked for it. */
async function forward(
	url: URL,
	request: IncomingMessage,
	response: ServerResponse,
	allowed: readonly Destination[],
): Promise<void> {
	const wished = parseAuthority(`${url.hostname}:${url.port || '80'}`);
	const destination = url.protocol === 'http:' && wished !== undefined ? findAllowed(wished, allowed) : undefined;
	if (destination === undefined) return refuse(response, 403, refusal(url.host));
	let socket: Socket;
	try {
		socket = await connectTo(destination);
	} catch (error) {
		return refuse(response, 502, `${url.host} could not be reached: ${wordsOf(error)}.`);
	}
	const headers = { ...withoutHops(request.headers), host: url.host, connection: 'close' };
	const path = url.pathname + url.search;
	try {
		const call = sendRequest({ createConnection: () => socket, method: request.method, path, headers, setHost: false });
		call.once('response', (answer) => passOn(answer, response));
		call.once('upgrade', (_, other) => {
			other.destroy();
			refuse(response, 502, `${url.host} wants another protocol.`);
		});
		call.on('error', (error) => refuse(response, 502, `${url.host} broke off: ${wordsOf(error)}.`));
		response.on('close', () => call.destroy());
		pipeline(request, call, () => undefined);
	} catch (error) {
		socket.destroy();
		refuse(response, 502, `${url.host} cannot be asked for that: ${wordsOf(error)}.`);
	}
}

/** The other side says what it likes, and Node refuses to send some of it on. */
function passOn(answer: IncomingMessage, response: ServerResponse): void {
	const { statusCode = 0 } = answer;
	try {
		response.writeHead(statusCode > 599 ? 502 : statusCode, withoutHops(answer.headers));
	} catch (error) {
		answer.resume();
		refuse(response, 502, `The answer cannot be passed on: ${wordsOf(error)}.`);
		return;
	}
	pipeline(answer, response, () => undefined);
}

function withoutHops(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
	const named = String(headers.connection ?? '')
		.toLowerCase()
		.split(/\s*,\s*/);
	const left = [...HOP_BY_HOP, ...SECRETS_OF_PROXIES, ...named];
	return Object.fromEntries(Object.entries(headers).filter(([name]) => !left.includes(name)));
}

function refuse(response: ServerResponse, status: number, words: string): void {
	if (response.headersSent) return void response.destroy();
	response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${words}\n`);
}
