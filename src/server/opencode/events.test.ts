import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OpenCodeEvent, subscribeEvents } from './events.ts';
import { openCodeAuthorization } from './server.ts';

const PASSWORD = 'secret';

/** Plays the event stream of an OpenCode server. */
let streams: ServerResponse[] = [];
let refusals = 0;
const server = createServer((request, response) => {
	const isOwn = request.headers.authorization === openCodeAuthorization(PASSWORD).authorization;
	if (!isOwn || request.url !== '/global/event' || refusals-- > 0) {
		response.writeHead(503).end('no');
		return;
	}
	response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
	streams.push(response);
});

let stopper: AbortController;
let events: AsyncGenerator<OpenCodeEvent, void>;

beforeEach(async () => {
	streams = [];
	refusals = 0;
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	stopper = new AbortController();
	events = subscribeEvents({ baseUrl: `http://127.0.0.1:${port}`, password: PASSWORD }, stopper.signal);
});

afterEach(async () => {
	stopper.abort();
	await events.return();
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

test('an event is told by what doce uses of it', async () => {
	await connected();
	send('session.status', {
		sessionID: 's',
		status: { type: 'retry', attempt: 2, message: 'Slow down', next: 5, x: 1 },
	});
	expect(await next()).toEqual({
		type: 'session.status',
		sessionId: 's',
		status: { type: 'retry', attempt: 2, message: 'Slow down', next: 5 },
	});
	send('session.idle', { sessionID: 's' });
	expect(await next()).toEqual({ type: 'session.idle', sessionId: 's' });
	send('message.part.removed', { sessionID: 's', messageID: 'm', partID: 'p' });
	expect(await next()).toEqual({ type: 'message.part.removed', sessionId: 's', messageId: 'm', partId: 'p' });
	send('permission.asked', {
		id: 'q',
		sessionID: 's',
		permission: 'bash',
		patterns: ['rm *'],
		metadata: {},
		always: [],
	});
	expect(await next()).toMatchObject({ type: 'permission.asked', requestId: 'q', patterns: ['rm *'] });
});

test('of a failure the whole answer of the provider is left out', async () => {
	await connected();
	const data = { message: 'Bad key', statusCode: 401, isRetryable: false, responseBody: 'your key sk-1 is bad' };
	send('session.error', { sessionID: 's', error: { name: 'APIError', data } });
	const error = { name: 'APIError', message: 'Bad key', statusCode: 401 };
	expect(await next()).toEqual({ type: 'session.error', sessionId: 's', error });
});

test('what is malformed, unknown or of no use is left out, and the stream goes on', async () => {
	await connected();
	write('data: {"payload":');
	write('data: []');
	write(': a comment');
	send('server.heartbeat', {});
	send('session.status', { sessionID: 's', status: { type: 'levitating' } });
	send('message.part.delta', { sessionID: 's', messageID: 'm', partID: 'p', field: 'metadata', delta: 'x' });
	send('message.part.updated', { part: { type: 'snapshot', id: 'p', sessionID: 's', messageID: 'm' } });
	send('file.edited', { file: '/a/b.astro' });
	expect(await next()).toEqual({ type: 'file.edited', file: '/a/b.astro' });
});

test('an event that arrives in pieces is whole, letters of several bytes too', async () => {
	await connected();
	const properties = { sessionID: 's', messageID: 'm', partID: 'p', field: 'text', delta: 'café ☕' };
	const bytes = Buffer.from(`data: ${JSON.stringify({ payload: { type: 'message.part.delta', properties } })}\r\n\r\n`);
	const cup = bytes.indexOf(Buffer.from('☕')) + 1;
	for (const piece of [bytes.subarray(0, cup), bytes.subarray(cup, -2), bytes.subarray(-2)]) {
		streams.at(-1)?.write(piece);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	expect(await next()).toMatchObject({ type: 'message.part.delta', text: 'café ☕' });
});

test('after a lost connection, and a server that is away for a while, it connects again and says so', async () => {
	await connected();
	refusals = 2;
	streams[0]?.destroy();
	await connected();
	expect(streams).toHaveLength(2);
	streams[1]?.end();
	await connected();
	send('session.idle', { sessionID: 'later' });
	expect(await next()).toMatchObject({ sessionId: 'later' });
});

test('it ends when it is told to, also while nothing happens', async () => {
	await connected();
	const waiting = events.next();
	stopper.abort();
	expect(await waiting).toEqual({ done: true, value: undefined });
});

async function next(): Promise<OpenCodeEvent> {
	const { value } = await events.next();
	if (value === undefined) throw new Error('The stream has ended.');
	return value;
}

async function connected(): Promise<void> {
	expect(await next()).toEqual({ type: 'connected' });
}

function send(type: string, properties: object): void {
	write(`data: ${JSON.stringify({ directory: '/x', payload: { id: 'evt_1', type, properties } })}`);
}

function write(frame: string): void {
	streams.at(-1)?.write(`${frame}\n\n`);
}
