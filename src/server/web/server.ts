import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { AppError } from '../errors.ts';
import type { PreviewServer } from './preview.ts';
import { refuseUpgrade } from './request/upgrade.ts';

/** The pages: Astro's handler in production, a proxy to its dev server in development. */
export type PageHandler = {
	handle(request: IncomingMessage, response: ServerResponse): void;
	upgrade?(request: IncomingMessage, socket: Socket, head: Buffer): void;
};

export type WebServer = { port: number; close(): Promise<void> };

/** One port for everything: preview hosts go to their projects, all else to the pages. */
export async function listen(options: {
	host: string;
	port: number;
	previews: () => PreviewServer | undefined;
	pages: () => PageHandler | undefined;
}): Promise<WebServer> {
	const server = createServer((request, response) => {
		// No one here echoes requests, and the pages' `Request` cannot even carry one.
		if (request.method === 'TRACE') return void response.writeHead(405, { allow: 'GET, HEAD, POST' }).end();
		if (options.previews()?.handle(request, response)) return;
		const pages = options.pages();
		if (pages !== undefined) return pages.handle(request, response);
		response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' });
		response.end(
			JSON.stringify({ error: { code: 'unavailable', message: 'doce is starting. Try again in a moment.' } }),
		);
	});
	server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
		socket.on('error', () => socket.destroy());
		if (options.previews()?.upgrade(request, socket, head)) return;
		const upgrade = options.pages()?.upgrade;
		if (upgrade !== undefined) return upgrade(request, socket, head);
		refuseUpgrade(socket, '404 Not Found');
	});
	const sockets = new Set<Socket>();
	server.on('connection', (socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	await start(server, options.host, options.port);
	return { port: (server.address() as AddressInfo).port, close: () => stop(server, sockets) };
}

function start(server: Server, host: string, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', (cause: NodeJS.ErrnoException) => {
			if (cause.code !== 'EADDRINUSE') return reject(cause);
			reject(
				new AppError(
					'unavailable',
					`Port ${port} is in use. Stop the other program, or choose another with DOCE_PORT.`,
					{ cause },
				),
			);
		});
		server.listen(port, host, resolve);
	});
}

/** Upgraded sockets are not the server's own any more: it would wait for them for ever. */
function stop(server: Server, sockets: Set<Socket>): Promise<void> {
	return new Promise((resolve) => {
		server.close(() => resolve());
		for (const socket of sockets) socket.destroy();
	});
}
