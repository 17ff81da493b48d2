import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type SeenRequest = { method: string; path: string; headers: IncomingMessage['headers']; body: string };
export type FakeProvider = {
	/** Origin and `/v1`. */
	baseURL: string;
	port: number;
	seen: SeenRequest[];
	close(): Promise<void>;
};

/** A provider on loopback that answers as `answer` says, for tests; port 0 lets the system choose. */
export async function startFakeProvider(
	answer: (request: SeenRequest, response: ServerResponse) => void,
	wantedPort = 0,
): Promise<FakeProvider> {
	const seen: SeenRequest[] = [];
	const server = createServer(async (incoming, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of incoming) chunks.push(chunk as Buffer);
		const { method = '', url = '', headers } = incoming;
		const request = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
		seen.push(request);
		answer(request, response);
	});
	await new Promise<void>((listening, failed) => {
		server.once('error', failed).listen(wantedPort, '127.0.0.1', listening);
	});
	const { port } = server.address() as AddressInfo;
	return {
		baseURL: `http://127.0.0.1:${port}/v1`,
		port,
		seen,
		close: () =>
			new Promise((closed) => {
				server.close(() => closed());
				server.closeAllConnections();
			}),
	};
}

export function replyJson(
	response: ServerResponse,
	status: number,
	body: unknown,
	headers: Record<string, string> = {},
): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(JSON.stringify(body));
}

/** Lists one model to anybody, and answers prompts to whoever shows one of `keys`, in whichever header. */
export function likeOpenAI(keys: readonly string[]) {
	return ({ path, headers }: SeenRequest, response: ServerResponse) => {
		if (path.endsWith('/models')) return replyJson(response, 200, { data: [{ id: 'fake-1' }] });
		const bearer = headers.authorization?.replace('Bearer ', '');
		const shown = bearer ?? headers['x-api-key'] ?? headers['x-goog-api-key'];
		if (keys.includes(String(shown))) return replyJson(response, 200, { id: 'x', choices: [] });
		return replyJson(response, 401, {
			error: { message: `Incorrect API key provided: ${shown}.`, code: 'invalid_api_key' },
		});
	};
}
