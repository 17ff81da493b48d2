import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { selfSigned } from './certificate.ts';

export type Arrival = { host: string; path: string; headers: IncomingMessage['headers']; body: string };

export type FakeInternet = {
	/** Every request that was meant for a public host, decrypted. */
	arrivals: Arrival[];
	/** Hosts that somebody tried to reach and that are not part of it. */
	refused: string[];
	/** For a child: send everything through here, and trust it. */
	env: Record<string, string>;
	close(): Promise<void>;
};

/**
 * Plays `hosts` (`*.` allowed) for a program that goes through a proxy: reads what arrives at which host and path, under
 * TLS, and answers as `answer` says. Every other host is refused, so nothing leaves the machine.
 */
export async function startFakeInternet(
	hosts: string[],
	answer: (arrival: Arrival) => { status: number; body: unknown },
): Promise<FakeInternet> {
	const arrivals: Arrival[] = [];
	const refused: string[] = [];
	const certificate = selfSigned(hosts);
	const dir = mkdtempSync(join(tmpdir(), 'doce-internet-'));
	const authority = join(dir, 'authority.pem');
	writeFileSync(authority, certificate.cert);
	const inside = createTlsServer(certificate, async (request, response) => {
		const arrival = {
			host: request.headers.host ?? '',
			path: request.url ?? '',
			headers: request.headers,
			body: await text(request),
		};
		arrivals.push(arrival);
		const { status, body } = answer(arrival);
		response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
	});
	const proxy = createServer((_request, response) => response.writeHead(403).end());
	const sockets = new Set<Socket>();
	proxy.on('connection', (socket) => sockets.add(socket));
	proxy.on('connect', (request, socket: Socket, head) => {
		socket.on('error', () => socket.destroy());
		const host = (request.url ?? '').replace(/:\d+$/, '');
		if (!hosts.some((name) => matches(name, host))) {
			refused.push(host);
			return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
		}
		socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
		if (head.length > 0) socket.unshift(head);
		inside.emit('connection', socket);
	});
	await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
	const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
	return {
		arrivals,
		refused,
		env: { HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: '', NODE_EXTRA_CA_CERTS: authority },
		close: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((closed) => proxy.close(closed));
			rmSync(dir, { recursive: true });
		},
	};
}

function matches(name: string, host: string): boolean {
	return name.startsWith('*.')
		? host.endsWith(name.slice(1)) && !host.slice(0, -name.length + 1).includes('.')
		: name === host;
}
