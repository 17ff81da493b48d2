import { Agent, fetch as fetchBySocket } from 'undici';

/** One OpenCode server; `socket`, where there is one, is the only way to it. */
export type ServerAddress = { host: string; port: number; socket?: string };

/** A socket's connections are few and kept: an agent for each, made once. */
const agents = new Map<string, Agent>();

/** The `fetch` that reaches a server. */
export function fetchOf({ socket }: ServerAddress): typeof fetch {
	if (socket === undefined) return fetch;
	// undici's own classes stand for the same things as Node's, and take the place of them at run time.
	const dispatcher = agentOf(socket);
	return (async (input: string | URL | Request, init: RequestInit = {}) => {
		const request = input instanceof Request ? input : undefined;
		const { url, options } =
			request === undefined ? { url: input as string | URL, options: init } : await unfold(request, init);
		return fetchBySocket(url, { ...(options as object), dispatcher });
	}) as unknown as typeof fetch;
}

/** Another implementation's request is taken apart; what doce sends is small. */
async function unfold(request: Request, init: RequestInit): Promise<{ url: string; options: RequestInit }> {
	const hasBody = request.body !== null;
	const headers = Object.fromEntries(request.headers);
	const body = hasBody ? { body: await request.text() } : {};
	return { url: request.url, options: { method: request.method, headers, signal: request.signal, ...body, ...init } };
}

function agentOf(socketPath: string): Agent {
	const known = agents.get(socketPath);
	if (known !== undefined) return known;
	const agent = new Agent({ connect: { socketPath } });
	agents.set(socketPath, agent);
	return agent;
}
