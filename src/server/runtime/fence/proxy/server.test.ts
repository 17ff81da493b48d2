import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import type { Destination } from '../../runtime.ts';
import { createProxyClient } from './client.ts';
import { createProjectProxy } from './server.ts';

const closers: (() => void)[] = [];
afterEach(() => {
	for (const close of closers.splice(0)) close();
	vi.unstubAllEnvs();
});

async function listening<T extends Server>(server: T): Promise<T> {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	closers.push(() => server.close());
	return server;
}
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const proxyFor = (...destinations: Destination[]) => listening(createProjectProxy(() => destinations).server);

/** All that comes back for what is sent. */
function say(to: { port: number; host: string } | { path: string }, words: string): Promise<string> {
	const socket = connect(to);
	socket.write(words);
	return text(socket);
}

/** A server that notes what reaches it, and answers with these very bytes. */
async function rawServer(answer: string): Promise<{ port: number; seen: () => string }> {
	let seen = '';
	const server = createServer((socket) => {
		socket
			.on('error', () => socket.destroy())
			.on('data', (data) => {
				seen += data.toString('latin1');
				socket.end(Buffer.from(answer, 'latin1'));
			});
	});
	await listening(server);
	return { port: portOf(server), seen: () => seen };
}

test('an address that is none is refused, and ends neither the proxy nor what others have open', async () => {
	const root = mkdtempSync(join(tmpdir(), 'doce-proxy-'));
	const [one, other] = [join(root, 'one.sock'), join(root, 'other.sock')];
	const client = createProxyClient({ root, logger: pino({ level: 'silent' }) });
	await client.allow('one', { socket: one, destinations: [] });
	await client.allow('other', { socket: other, destinations: [] });
	const neighbour = connect(other);
	let closed = false;
	neighbour.on('close', () => {
		closed = true;
	});
	neighbour.write('GET /tunnels?have= HTTP/1.1\r\nHost: x\r\n\r\n');
	await once(neighbour, 'connect');
	for (const target of ['//', 'http://[', '*'])
		expect(await say({ path: one }, `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`), target).toMatch(/^HTTP\/1.1 400 /);
	expect(await say({ path: other }, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
	expect(closed).toBe(false);
	expect(readFileSync(join(root, 'proxy.log'), 'utf8')).toBe('');
	neighbour.destroy();
	await client.forget('one');
	await client.forget('other');
	rmSync(root, { recursive: true });
});

test('a project whose socket cannot be made leaves the others theirs', async () => {
	const root = mkdtempSync(join(tmpdir(), 'doce-proxy-'));
	const [gone, other] = [join(root, 'gone', 'p.sock'), join(root, 'other.sock')];
	const client = createProxyClient({ root, logger: pino({ level: 'silent' }) });
	await client.allow('impossible', { socket: join(root, 'x'.repeat(120)), destinations: [] });
	await client.allow('gone', { socket: gone, destinations: [] });
	await client.allow('other', { socket: other, destinations: [] });
	for (const path of [gone, other])
		expect(await say({ path }, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
	for (const id of ['impossible', 'gone', 'other']) await client.forget(id);
	rmSync(root, { recursive: true });
});

test.each([
	['a status below 100', 'HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\nhi'],
	['a status above 599', 'HTTP/1.1 1000 X\r\nContent-Length: 2\r\n\r\nhi'],
	['another protocol', 'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhi'],
	['no HTTP', 'hello\r\n\r\n'],
])('a destination that answers with %s is refused', async (_, answer) => {
	const site = await rawServer(answer);
	const port = portOf(await proxyFor({ host: '127.0.0.1', port: site.port, local: true }));
	const asked = say({ port, host: '127.0.0.1' }, `GET http://127.0.0.1:${site.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
	expect(await asked).toMatch(/^HTTP\/1.1 502 /);
	expect(site.seen()).toMatch(/^GET \/ HTTP/);
});

/** Opens a tunnel to `destination`, and begins TLS in it for a host; what became of it. */
async function begin(proxy: number, destination: string, servername: string): Promise<string> {
	const socket = connect(proxy, '127.0.0.1');
	socket.write(`CONNECT ${destination} HTTP/1.1\r\n\r\n`);
	const [data] = (await once(socket, 'data')) as [Buffer];
	expect(data.toString()).toContain(' 200 ');
	const tls = connectTls({ socket, servername });
	const [error] = (await once(tls, 'error')) as [Error];
	return error.message;
}

/** A proxy of this machine that leads everything to one server. */
async function upstreamTo(port: number): Promise<void> {
	const upstream = createHttpServer();
	upstream.on('connect', (_, socket: Socket) => {
		const other = connect(port, '127.0.0.1');
		socket.write('HTTP/1.1 200 OK\r\n\r\n');
		socket.pipe(other).pipe(socket);
		for (const each of [socket, other]) each.on('error', () => each.destroy());
	});
	await listening(upstream);
	vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${portOf(upstream)}`);
}

test('through a tunnel to a public host goes TLS for that very host, and nothing else', async () => {
	const site = await rawServer('no TLS');
	await upstreamTo(site.port);
	const port = portOf(await proxyFor({ host: 'registry.npmjs.org', port: 443, local: false }));
	expect(await begin(port, 'registry.npmjs.org:443', 'another.example')).toContain('unrecognized name');
	const plain = 'CONNECT registry.npmjs.org:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: another.example\r\n\r\n';
	expect(await say({ port, host: '127.0.0.1' }, plain)).toContain('403 Forbidden');
	expect(site.seen()).toBe('');
	// The control: what it really has to say comes through, as the site's answer shows.
	expect(await begin(port, 'registry.npmjs.org:443', 'registry.npmjs.org')).not.toContain('unrecognized name');
	expect(site.seen()).toContain('registry.npmjs.org');
});

test('in the own network a tunnel may be plain, and TLS names the host all the same', async () => {
	const site = await rawServer('HTTP/1.1 200 OK\r\n\r\nhi');
	const port = portOf(await proxyFor({ host: 'localhost', port: site.port, local: true }));
	expect(await begin(port, `localhost:${site.port}`, 'another.example')).toContain('unrecognized name');
	expect(site.seen()).toBe('');
	const plain = `CONNECT localhost:${site.port} HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n`;
	expect(await say({ port, host: '127.0.0.1' }, plain)).toMatch(/hi$/);
	expect(await begin(port, `localhost:${site.port}`, 'localhost')).not.toContain('unrecognized name');
});
