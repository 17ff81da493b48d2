import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseUpgrade } from './request/upgrade.ts';
import { listen, type WebServer } from './server.ts';

let web: WebServer;
let upgraded: Socket[];

beforeEach(async () => {
	upgraded = [];
	const pages = {
		handle: (_: unknown, answer: { end(text: string): void }) => answer.end('doce'),
		upgrade: (request: { url?: string | undefined }, socket: Socket) => {
			if (request.url !== '/in') return refuseUpgrade(socket, '403 Forbidden');
			upgraded.push(socket);
			socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
		},
	};
	web = await listen({ host: '127.0.0.1', port: 0, previews: () => undefined, pages: () => pages });
});

afterEach(() => web.close());

/** A client that never closes by itself. */
async function ask(path: string): Promise<{ socket: Socket; answer: string }> {
	const socket = connect({ port: web.port, host: '127.0.0.1', allowHalfOpen: true });
	socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: x\r\n\r\n`);
	const [data] = await once(socket, 'data');
	return { socket, answer: String(data) };
}

test('a web socket that is refused is gone, whether or not its client lets go', async () => {
	const { socket, answer } = await ask('/out');
	expect(answer).toContain('403 Forbidden');
	socket.on('error', () => undefined);
	const closed = new Promise((resolve) => socket.once('close', resolve));
	// Nobody is there any more: what is written comes back as a reset.
	const writing = setInterval(() => socket.write('x'), 10);
	await closed;
	clearInterval(writing);
});

test('the server ends although web sockets are open', async () => {
	const { socket, answer } = await ask('/in');
	expect(answer).toContain('101');
	const ended = once(socket, 'end');
	await web.close();
	await ended;
	expect(upgraded[0]?.destroyed).toBe(true);
	socket.destroy();
});
