// doce's proxy: the one process through which fenced projects reach the network. It outlives doce, as they do, and
// ends when there are no more of them. `doce` tells it by `PUT /state` what is open to whom.
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createProjectProxy, type ProjectProxy } from './server.ts';
import { CONTROL, type ProxyState, proxyState } from './state.ts';

process.title = 'doce proxy';
const root = process.argv[2] ?? '';
const proxies = new Map<string, ProjectProxy>();
let state: ProxyState = { packages: [], projects: {} };

const control = createServer((request, response) => {
	if (request.method === 'GET' && request.url === '/life') return void response.writeHead(200).flushHeaders();
	if (request.method !== 'PUT' || request.url !== '/state') return void response.writeHead(404).end();
	text(request)
		.then((body) => adopt(proxyState.parse(JSON.parse(body))))
		.then(() => response.writeHead(204).end(endWhenUnused))
		.catch((error: unknown) => {
			process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
			response.writeHead(500).end();
		});
});
control.requestTimeout = 0;
await listen(control, join(root, CONTROL));

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
		await listen(proxy.server, socket);
	}
}

function endWhenUnused(): void {
	if (proxies.size > 0) return;
	rmSync(join(root, CONTROL), { force: true });
	process.exit(0);
}

/** What lies there is of an earlier one, which has ended. */
function listen(server: Server, path: string): Promise<void> {
	rmSync(path, { force: true });
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(path, () => {
			server.off('error', reject);
			resolve();
		});
	});
}
