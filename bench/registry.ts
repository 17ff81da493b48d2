import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';

/** A registry on this machine that hands on what the one has that npm is set to: projects reach that one only at a public address. */
export async function startRegistry(): Promise<{ url: string; close(): void }> {
	const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim().replace(/\/?$/, '/');
	const server = createServer(async ({ url = '/', headers: { accept = '*/*' } }, response) => {
		try {
			const answer = await fetch(new URL(url.slice(1), upstream), { headers: { accept } });
			response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
			if (answer.body === null) response.end();
			else await pipeline(Readable.fromWeb(answer.body as NodeReadableStream), response);
		} catch (error) {
			if (response.headersSent) response.destroy();
			else response.writeHead(502).end(String(error));
		}
	});
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => void server.close() };
}
