import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { getPackageHosts, packageDestinations } from '../auth/packages/packageHosts.ts';
import { type Config, hiddenPaths } from '../config.ts';
import type { Db } from '../db/client.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { openCodeBinary } from '../opencode/server.ts';
import { echoProgram } from '../opencode/stored/echoes.ts';
import { ownFilesProgram } from '../projects/workspace/unshare.ts';
import { imageOf } from '../runtime/docker/image.ts';
import { scriptInside } from '../runtime/docker/order/inside.ts';
import { dockerDir } from '../runtime/docker/order/names.ts';
import { createDockerRuntime } from '../runtime/docker.ts';
import { openSeparation } from '../runtime/fence/fence.ts';
import { createProcessRuntime } from '../runtime/process.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Where `docker/project.Dockerfile` puts OpenCode. */
const OPENCODE_INSIDE = '/opt/doce/opencode';

const STARTER_INSIDE = '/opt/doce/starter';
const COPY_TIMEOUT_MS = 5 * 60_000;

/** What runs projects, as configured. What another kind of engine left running here is ended. */
export async function createRuntime(config: Config, db: Db, logger: Logger): Promise<Runtime> {
	const runtime = config.runtime === 'docker' ? openDocker(config, logger) : await openProcesses(config, logger);
	await endOthers(config, logger);
	const { level, reason } = runtime.isolation;
	if (level !== 'isolated')
		logger.warn(`Projects are ${level === 'not' ? 'not' : 'partly'} isolated on this machine. ${reason}`);
	await runtime.allowPackages(packageDestinations(await getPackageHosts(db), config.registry));
	return runtime;
}

async function openProcesses(config: Config, logger: Logger): Promise<Runtime> {
	const dir = join(config.dataDir, 'run');
	const separation = await openSeparation({ dir, logger, mode: config.fence, hidden: hiddenPaths(config) });
	return createProcessRuntime({ dir, logger, separation });
}

function openDocker({ dataDir, ...config }: Config, logger: Logger): Runtime {
	return createDockerRuntime({
		dir: dockerDir(dataDir),
		logger,
		image: imageOf(config),
		programs: new Map([
			[process.execPath, 'node'],
			[openCodeBinary(), OPENCODE_INSIDE],
			...[echoProgram, ownFilesProgram].map((path): [string, string] => [path, scriptInside(path)]),
		]),
	});
}

/** The starter's packages out of the image, which fit what runs in it; undefined where they come from npm. */
export function starterInstaller(runtime: Runtime): ((folder: string) => Promise<void>) | undefined {
	if (runtime.kind !== 'docker') return undefined;
	return async (folder) => {
		const command = { argv: ['cp', '-a', `${STARTER_INSIDE}/node_modules`, folder], env: {}, cwd: folder };
		const access = { write: [folder], read: [], destinations: [], ports: [] };
		const { exitCode, stderr } = await runtime.run('starter', command, access, AbortSignal.timeout(COPY_TIMEOUT_MS));
		if (exitCode === 0) return;
		const words = 'The packages that new projects start from could not be copied out of the image. Is the disk full?';
		throw new AppError('unavailable', words, { cause: new Error(`cp ended with ${exitCode}: ${stderr}`) });
	};
}

/** Projects that were left running before doce was told to run them otherwise. */
async function endOthers(config: Config, logger: Logger): Promise<void> {
	const dir = join(config.dataDir, 'run');
	const others: Runtime[] = [];
	if (config.runtime !== 'process' && holdsRecords(dir)) others.push(createProcessRuntime({ dir, logger }));
	if (config.runtime !== 'docker' && holdsRecords(dockerDir(config.dataDir))) others.push(openDocker(config, logger));
	for (const other of others) {
		await other.adopt();
		const trouble = other.trouble();
		if (trouble === undefined) await other.stopAll();
		else logger.warn(`Projects that ran before may go on running. ${trouble}`);
	}
}

function holdsRecords(dir: string): boolean {
	return existsSync(dir) && readdirSync(dir).some((name) => name.endsWith('.json'));
}
