// The guard of Docker's socket: the one part of a doce in containers that has the socket itself. `doce` asks it for
// everything, at a socket in a folder that both see: `node main.ts <socket> [<Docker's own socket>]`.

import { rmSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { loadConfig } from '#server/config.ts';
import { AppError } from '#server/errors.ts';
import { createLogger } from '#server/logger.ts';
import { ownContainerId, throughMounts } from '../connection/hostPaths.ts';
import { imageOf } from '../image.ts';
import { dockerDir, instanceOf } from '../order/names.ts';
import { containerUser } from '../owner.ts';
import { findContainer } from './containers.ts';
import type { Folder } from './places.ts';
import { createGuard } from './server.ts';
import { connectUpstream, type Upstream } from './upstream.ts';

process.title = 'doce guard';
const [socket, dockerSocket = '/var/run/docker.sock'] = process.argv.slice(2);

try {
	if (socket === undefined) throw new AppError('invalid', 'Usage: main.ts <socket> [<Docker’s own socket>]');
	await guard(socket);
} catch (error) {
	if (!(error instanceof AppError)) throw error;
	process.stderr.write(`\n${error.message}\n\n`);
	process.exit(1);
}

async function guard(path: string): Promise<void> {
	const config = loadConfig();
	const { dataDir } = config;
	const logger = createLogger(config.logLevel);
	const upstream = connectUpstream(dockerSocket);
	const folder = await findFolder(upstream, dataDir);
	const rules = {
		instance: instanceOf(dockerDir(dataDir)),
		image: imageOf(config),
		user: containerUser(await lstat(dataDir)),
	};
	const server = createGuard({ upstream, rules, folder, logger });
	server.once('error', (error) => {
		throw error;
	});
	// What lies there is of an earlier one, which has ended.
	rmSync(path, { force: true });
	// Who may go through the folder that it lies in may use it: doce alone.
	server.listen({ path, readableAll: true, writableAll: true }, () => {
		logger.info(`Docker is guarded at ${path}: containers of ${rules.image}, with files of ${folder.source}.`);
	});
}

/** The data folder, as Docker finds it. */
async function findFolder(upstream: Upstream, dataDir: string): Promise<Folder> {
	const own = ownContainerId();
	if (own === undefined) return { source: dataDir, seenAt: dataDir };
	const found = await findContainer(upstream, own);
	return { source: throughMounts(found?.Mounts ?? [])(dataDir), seenAt: dataDir };
}
