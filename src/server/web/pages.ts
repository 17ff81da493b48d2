import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createProxyServer } from 'httpxy';
import sirv from 'sirv';
import type { Logger } from '../logger.ts';
import type { PageHandler } from './server.ts';

type AstroHandler = (
	request: IncomingMessage,
	response: ServerResponse,
	next: undefined,
	locals: Record<string, unknown>,
) => Promise<void>;

/** The built pages in `dist/` of `root`, files first. */
export async function builtPages(root: string): Promise<PageHandler> {
	const files = sirv(join(root, 'dist/client'), {
		etag: true,
		setHeaders: (response, path) => {
			response.setHeader('x-content-type-options', 'nosniff');
			// Astro puts a hash of the content into these names.
			if (path.startsWith('/_astro/')) response.setHeader('cache-control', 'public, max-age=31536000, immutable');
		},
	});
	const entry = pathToFileURL(join(root, 'dist/server/entry.mjs')).href;
	const { handler } = (await import(entry)) as { handler: AstroHandler };
	const page = (request: IncomingMessage, response: ServerResponse): void =>
		void handler(request, response, undefined, { unsent: () => response.writableLength });
	return { handle: (request, response) => files(request, response, () => page(request, response)) };
}

/** Astro's dev server in this process, on a port of its own behind ours. */
export async function developmentPages(root: string, logger: Logger): Promise<PageHandler & { stop(): Promise<void> }> {
	const { dev } = await import('astro');
	const server = await dev({ root, logLevel: 'warn', server: { host: '127.0.0.1', port: 0 } });
	const proxy = createProxyServer({ target: { host: '127.0.0.1', port: server.address.port }, xfwd: false });
	const report = (error: unknown): void => logger.warn({ err: error }, 'The development server did not answer.');
	return {
		handle: (request, response) => void proxy.web(request, response).catch(report),
		upgrade: (request: IncomingMessage, socket: Socket, head: Buffer) =>
			void proxy.ws(request, socket, {}, head).catch(report),
		stop: () => server.stop(),
	};
}
