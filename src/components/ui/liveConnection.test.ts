import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { EventSource } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveEvent } from '#shared/live.ts';
import { createLiveConnection, type LiveConnection } from './liveConnection.ts';

type Stream = { url: string; response: ServerResponse };

let server: Server;
let streams: Stream[];
let refusals: number;
let live: LiveConnection;

const send = (event: object) => streams.at(-1)?.response.write(`data: ${JSON.stringify(event)}\n\n`);
const deleted = (projectId: string): LiveEvent => ({ type: 'project.deleted', projectId });

function answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
	if (refusals-- > 0) {
		response.writeHead(503).end();
		return;
	}
	response
		.writeHead(200, { 'content-type': 'text/event-stream' })
		.write('retry: 20\ndata: {"type":"hello","version":"1"}\n\n');
	streams.push({ url, response });
	response.on('close', () => {
		streams = streams.filter((stream) => stream.response !== response);
	});
}

/** Listens, and keeps what it heard. */
function listen(projectId?: string) {
	const heard: LiveEvent[] = [];
	const stop = live.subscribe((event) => heard.push(event), projectId);
	const hellos = () => heard.filter((event) => event.type === 'hello').length;
	return { heard, stop, hellos };
}

beforeEach(async () => {
	streams = [];
	refusals = 0;
	server = createServer(answer).listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	const { port } = server.address() as { port: number };
	live = createLiveConnection(
		(url) => new EventSource(`http://127.0.0.1:${port}${url}`) as unknown as globalThis.EventSource,
		[20],
	);
});

afterEach(() => {
	live.pause();
	server.closeAllConnections();
	server.close();
});

describe('the live connection of a page', () => {
	it('says hello and passes events on to everybody, over one stream', async () => {
		const [one, two] = [listen(), listen()];
		await vi.waitFor(() => expect(two.hellos()).toBe(1));
		send(deleted('p1'));
		await vi.waitFor(() => expect([one.heard.at(-1), two.heard.at(-1)]).toEqual([deleted('p1'), deleted('p1')]));
		expect(streams).toHaveLength(1);
	});

	it('says hello to one who comes late', async () => {
		const first = listen();
		await vi.waitFor(() => expect(first.hellos()).toBe(1));
		expect(listen().hellos()).toBe(1);
		expect(first.hellos()).toBe(1);
	});

	it('follows a project as soon as one listener asks for it', async () => {
		const first = listen();
		await vi.waitFor(() => expect(first.hellos()).toBe(1));
		listen('p 1');
		await vi.waitFor(() => expect(streams.map((stream) => stream.url)).toEqual(['/api/live?project=p%201']));
		await vi.waitFor(() => expect(first.hellos()).toBe(2));
	});

	it('says hello again after an interruption', async () => {
		const { hellos } = listen();
		await vi.waitFor(() => expect(hellos()).toBe(1));
		streams.at(-1)?.response.destroy();
		await vi.waitFor(() => expect(hellos()).toBe(2), 5_000);
	});

	it('tries again when the server refuses', async () => {
		refusals = 3;
		const { hellos } = listen();
		await vi.waitFor(() => expect(hellos()).toBe(1), 5_000);
	});

	it('takes an event of a newer server for an interruption', async () => {
		const { hellos } = listen();
		await vi.waitFor(() => expect(hellos()).toBe(1));
		send({ type: 'project.painted', colour: 'green' });
		await vi.waitFor(() => expect(hellos()).toBe(2));
	});

	it('closes when the last listener leaves, and while the page is hidden', async () => {
		const { stop, hellos } = listen();
		await vi.waitFor(() => expect(streams).toHaveLength(1));
		live.pause();
		await vi.waitFor(() => expect(streams).toHaveLength(0));
		live.resume();
		await vi.waitFor(() => expect(hellos()).toBe(2));
		stop();
		await vi.waitFor(() => expect(streams).toHaveLength(0));
	});
});
