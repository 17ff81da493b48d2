// doce's proxy: the one process through which fenced projects reach the network. It outlives doce, as they do, and
// ends when there are no more of them. `doce` tells it by `PUT /state` what is open to whom.
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createProjectProxy, type ProjectProxy } from './server.ts';
import { CONTROL, type ProxyState, proxyState } from './state.ts';

const MOST_LOGGED = 100;

process.title = 'doce proxy';
const root = process.argv[2] ?? '';
const proxies = new Map<string, ProjectProxy>();
let state: ProxyState = { packages: [], projects: {} };
let logged = 0;

const control = createServer((request, response) => {
	if (request.method === 'GET' && request.url === '/life') return void response.writeHead(200).flushHeaders();
	if (request.method !== 'PUT' || request.url !== '/state') return void response.writeHead(404).end();
	text(request)
		.then((body) => adopt(proxyState.parse(JSON.parse(body))))
		.then(() => response.writeHead(204).end(endWhenUnused))
		.catch((error: unknown) => {
			log(error);
			response.writeHead(500).end();
		});
});
control.requestTimeout = 0;
await listen(control, join(root, CONTROL));

// One project's odd connection is not the end of everybody's: what is open to whom does not change by it.
process.on('uncaughtException', log);

/** Enough to see what is wrong; a project could make it happen again and again. */
function log(error: unknown): void {
	if (logged++ < MOST_LOGGED) process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
}

/** Opens and closes what the new state has more or less than the old one. */
async function adopt(next: ProxyState): Promise<void> {
	state = next;
	for (const [projectId, { server }] of proxies) {
		if (next.projects[projectId] !== undefined) continue;
		server.close();
		server.closeAllConnections();
		proxies.delete(projectId);
	}
	await Promise.all([...proxies.values()].map((proxy) => proxy.changed()));
	for (const [projectId, { socket }] of Object.entries(next.projects)) {
		if (proxies.has(projectId)) continue;
		const proxy = createProjectProxy(() => [...(state.projects[projectId]?.destinations ?? []), ...state.packages]);
		proxies.set(projectId, proxy);
		try {
			mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
			// Its folder lies in a private one; the containers of a doce that is root are somebody else.
			await listen(proxy.server, socket, true);
		} catch (error) {
			// The others have theirs. It is tried again when doce next says what is open.
			proxies.delete(projectId);
			log(error);
		}
	}
}

function endWhenUnused(): void {
	if (proxies.size > 0) return;
	rmSync(join(root, CONTROL), { force: true });
	process.exit(0);
}

/** What lies there is of an earlier one, which has ended. */
function listen(server: Server, path: string, isForAll = false): Promise<void> {
	rmSync(path, { force: true });
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen({ path, readableAll: isForAll, writableAll: isForAll }, () => {
			server.off('error', reject);
			resolve();
		});
	});
}
