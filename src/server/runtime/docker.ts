import { isDeepStrictEqual } from 'node:util';
import { AppError } from '#server/errors.ts';
import { adopt } from './docker/adopt.ts';
import { exec, runAlone } from './docker/commands.ts';
import {
	addressOf,
	ask,
	type DockerOptions,
	type Engine,
	isAlive,
	isRunning,
	requireEngine,
	statusOf,
} from './docker/engine.ts';
import { loadOf } from './docker/load.ts';
import { openEngine } from './docker/open.ts';
import { limitsOf } from './docker/order/spec.ts';
import { anyAlive, containersOf, ignoring, readLog, removeAll } from './docker/remove.ts';
import { resume, startProject } from './docker/start.ts';
import { destroy, stop } from './docker/stop.ts';
import { listContainers } from './docker/table.ts';
import { placesOf } from './fence/sockets.ts';
import type { Destination, Limits, ProcessName, Runtime, RuntimeAddress } from './runtime.ts';
import { inTurn } from './turns.ts';

const ISOLATION = {
	level: 'isolated' as const,
	reason: 'Each project runs in containers of its own, without a network.',
};

/**
 * Runs each process of a project in a container of its own, through the Docker that `DOCKER_HOST` names, else this
 * machine's. Containers outlive doce: labels, and records in `dir` (created 0700), let the next doce adopt or end them;
 * what has no label of this `dir` is never touched. One doce per `dir`.
 */
export function createDockerRuntime(options: DockerOptions): Runtime {
	const engine = openEngine(options);
	const listen = <L>(listeners: Set<L>) => {
		return (listener: L) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		};
	};
	return {
		...{ kind: 'docker', isolation: ISOLATION, keeps: ['memory', 'cpus', 'disk'], canPause: true },
		trouble: engine.connection.trouble,
		async start(spec, signal) {
			signal.throwIfAborted();
			await engine.connection.known;
			requireEngine(engine);
			return inTurn(engine, spec.projectId, () => startProject(engine, spec, signal));
		},
		find: (projectId, name) => find(engine, projectId, name),
		status: async (projectId) => ({ processes: statusOf(engine, projectId) }),
		logs: (projectId, name, lines) => readLog(engine, projectId, name, lines),
		allow: (projectId, destinations) => inTurn(engine, projectId, () => allow(engine, projectId, destinations)),
		allowPackages: (hosts) => engine.proxy.allowPackages(hosts),
		exec: (projectId, argv, signal) => exec(engine, projectId, argv, signal),
		run: (projectId, command, access, signal) =>
			inTurn(engine, projectId, () => runAlone(engine, { projectId, command, access }, signal)),
		limit: (projectId, limits) => inTurn(engine, projectId, () => limit(engine, projectId, limits)),
		load: (projectId) => loadOf(engine, projectId),
		pause: (projectId) => inTurn(engine, projectId, () => pause(engine, projectId)),
		stop: (projectId) => inTurn(engine, projectId, () => stop(engine, projectId)),
		destroy: (projectId) => inTurn(engine, projectId, () => destroy(engine, projectId)),
		adopt: () => adopt(engine),
		list: async () => listRunning(engine),
		async stopAll() {
			const projects = engine.records.all().map(({ projectId }) => projectId);
			await Promise.all(projects.map((projectId) => inTurn(engine, projectId, () => stop(engine, projectId))));
			if (engine.connection.trouble() === undefined) await removeAll(engine, await listContainers(engine));
		},
		onExit: listen(engine.exitListeners),
		onLimit: listen(engine.limitListeners),
		onRecovery: listen(engine.recoveryListeners),
	};
}

async function find(engine: Engine, projectId: string, name?: ProcessName): Promise<RuntimeAddress | undefined> {
	const record = engine.records.get(projectId);
	if (record === undefined || !isRunning(engine, projectId, name)) return undefined;
	const isPaused = containersOf(engine, projectId).some(({ state }) => state === 'paused');
	if (isPaused) await inTurn(engine, projectId, () => resume(engine, projectId));
	return isRunning(engine, projectId, name) ? addressOf(engine, record) : undefined;
}

async function allow(engine: Engine, projectId: string, destinations: Destination[]): Promise<void> {
	const record = engine.records.get(projectId);
	if (record === undefined || isDeepStrictEqual(record.access.destinations, destinations)) return;
	engine.records.save({ ...record, access: { ...record.access, destinations } });
	await engine.proxy.allow(projectId, { socket: placesOf(engine.root, projectId).proxy, destinations });
}

async function limit(engine: Engine, projectId: string, limits: Limits): Promise<void> {
	const record = engine.records.get(projectId);
	if (record === undefined || !anyAlive(engine, projectId)) return;
	// Some kernels would refuse less than is held, others would end what holds it.
	const held = (await loadOf(engine, projectId))?.processes ?? [];
	if (held.some(({ memoryBytes }) => memoryBytes > limits.memoryBytes))
		throw new AppError('conflict', 'The project uses more than that now. Stop it, then set the limit.');
	for (const { id } of containersOf(engine, projectId).filter(isAlive))
		await ask(engine, 'change the limits of a container', (api) => api.getContainer(id).update(limitsOf(limits)));
	engine.records.save({ ...record, limits });
	engine.disk.delete(projectId);
}

async function pause(engine: Engine, projectId: string): Promise<boolean> {
	if (!isRunning(engine, projectId)) return false;
	const running = containersOf(engine, projectId).filter(({ state }) => state === 'running');
	await Promise.all(
		running.map(async (known) => {
			await ask(engine, 'pause a container', async (api) => {
				await api
					.getContainer(known.id)
					.pause()
					.catch(ignoring(404, 409, 500));
			});
			if (isAlive(known)) known.state = 'paused';
		}),
	);
	return isRunning(engine, projectId);
}

function listRunning(engine: Engine): string[] {
	return engine.records
		.all()
		.map(({ projectId }) => projectId)
		.filter((projectId) => anyAlive(engine, projectId));
}
