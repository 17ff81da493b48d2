import { once } from 'node:events';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '#server/logger.ts';
import { createGuard } from '../guard/server.ts';
import { connectUpstream } from '../guard/upstream.ts';
import { instanceOf } from '../order/names.ts';
import { containerUser } from '../owner.ts';
import { IMAGE } from './ground.ts';

/** A guard before this machine's Docker, for the runtime in `dir`, at a socket there. */
export async function openGuard(dir: string, logger: Logger): Promise<{ socket: string; close(): Promise<void> }> {
	const socket = join(dir, 'guard.sock');
	const server = createGuard({
		upstream: connectUpstream('/var/run/docker.sock'),
		rules: { instance: instanceOf(dir), image: IMAGE, user: containerUser(lstatSync(dir)) },
		folder: { source: dir, seenAt: dir },
		logger,
	});
	await once(server.listen(socket), 'listening');
	return {
		socket,
		async close() {
			server.closeAllConnections();
			await new Promise((done) => server.close(done));
		},
	};
}

/** From now on Docker is found there, until what is returned is called. */
export function pointAt(socket: string): () => void {
	const before = process.env['DOCKER_HOST'];
	process.env['DOCKER_HOST'] = `unix://${socket}`;
	return () => {
		if (before === undefined) delete process.env['DOCKER_HOST'];
		else process.env['DOCKER_HOST'] = before;
	};
}
