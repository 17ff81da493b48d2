import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { selfSigned } from './certificate.ts';

export type InternetRequest = {
	method: string;
	host: string;
	path: string;
	headers: Record<string, string>;
	body: string;
};

/** Undefined hands a request on to the model. */
type Answer = { status?: number; json: unknown } | undefined;

/** Real providers' names, all of which lead to this machine: through a proxy, with a certificate of our own. */
export type Internet = {
	/** What a program needs in its environment to be in this internet. */
	env: Record<string, string>;
	seen: InternetRequest[];
	close(): Promise<void>;
};

/** `answer` plays every host; what it leaves alone goes to the model at `llmUrl`. The certificate's file goes to `dir`. */
export async function startInternet(options: {
	dir: string;
	names: string[];
	llmUrl: string;
	answer: (request: InternetRequest) => Answer;
}): Promise<Internet> {
	const seen: InternetRequest[] = [];
	const { key, cert } = selfSigned(options.names);
	const file = join(options.dir, 'internet.pem');
	writeFileSync(file, cert);
	const hosts = createTlsServer({ key, cert }, async (incoming, response) => {
		const asked = await read(incoming);
		seen.push(asked);
		const answer = options.answer(asked);
		if (answer === undefined) return handOn(options.llmUrl, asked, response);
		response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.json));
	});
	const proxy = createServer().on('connect', (_, socket, head) => {
		const upstream = connect(portOf(hosts), '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 OK\r\n\r\n');
			upstream.write(head);
			upstream.pipe(socket).pipe(upstream);
		});
		upstream.on('error', () => socket.destroy());
		socket.on('error', () => upstream.destroy());
	});
	for (const server of [hosts, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening');
	return {
		env: {
			HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
			NO_PROXY: '127.0.0.1,localhost',
			NODE_EXTRA_CA_CERTS: file,
		},
		seen,
		close: async () => {
			for (const server of [proxy, hosts]) {
				server.closeAllConnections();
				await new Promise((resolve) => server.close(resolve));
			}
		},
	};
}

async function read(incoming: IncomingMessage): Promise<InternetRequest> {
	const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
	const { method = '', url: path = '/' } = incoming;
	return { method, host: headers['host'] ?? '', path, headers, body: await text(incoming) };
}

function handOn(llmUrl: string, { method, path, headers, body }: InternetRequest, response: ServerResponse): void {
	const call = request(llmUrl + path, { method, headers: { ...headers, host: new URL(llmUrl).host } }, (answer) => {
		response.writeHead(answer.statusCode ?? 502, answer.headers);
		answer.pipe(response);
	});
	call.on('error', () => response.destroy());
	call.end(body);
}

function portOf(server: { address(): unknown }): number {
	return (server.address() as AddressInfo).port;
}
