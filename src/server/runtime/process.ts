import { isDeepStrictEqual } from 'node:util';
import { AppError } from '#server/errors.ts';
import { withoutEntry } from './fence/entryWords.ts';
import { takeBack } from './owner.ts';
import { runChild } from './process/child.ts';
import { endProject } from './process/end.ts';
import {
	addressOf,
	type Engine,
	type EngineOptions,
	isRunning,
	keyOf,
	openEngine,
	statusOf,
} from './process/engine.ts';
import { loadOf } from './process/load.ts';
import { readLog, removeLog } from './process/log.ts';
import type { ProcessRecord } from './process/record.ts';
import { joinFence, startProject, startPulse } from './process/start.ts';
import { listMarked, type ProcessIdentity, signal } from './process/table.ts';
import type { Access, Command, Destination, ExecResult, Runtime } from './runtime.ts';
import { inTurn } from './turns.ts';

/**
 * Runs projects as plain processes of doce's own user on 127.0.0.1, one process group each. They outlive doce: records
 * in `dir` (created 0700) and a mark in their environment let the next doce adopt or end them. One doce per `dir`.
 */
export function createProcessRuntime(options: EngineOptions): Runtime {
	const engine = openEngine(options);
	return {
		kind: 'process',
		isolation: engine.separation.isolation,
		keeps: [],
		canPause: false,
		trouble: () => undefined,
		start: (spec, signal) => inTurn(engine, spec.projectId, () => startProject(engine, spec, signal)),
		async find(projectId, name) {
			const record = engine.records.get(projectId);
			return record !== undefined && isRunning(engine, record, name) ? addressOf(engine, record) : undefined;
		},
		async status(projectId) {
			const record = engine.records.get(projectId);
			return { processes: record === undefined ? [] : statusOf(engine, record) };
		},
		logs: async (projectId, name, lines) => readLog({ dir: engine.dir, projectId, name }, lines),
		allow: (projectId, destinations) => inTurn(engine, projectId, () => allow(engine, projectId, destinations)),
		allowPackages: async (hosts) => engine.separation.fence?.allowPackages(hosts),
		exec: (projectId, argv, signal) => exec(engine, projectId, argv, signal),
		run: (projectId, command, access, signal) =>
			inTurn(engine, projectId, () => runAlone(engine, { projectId, command, access }, signal)),
		limit: async () => undefined,
		load: async (projectId) => loadOf(engine, projectId),
		pause: async () => false,
		stop: (projectId) => inTurn(engine, projectId, () => stop(engine, projectId)),
		destroy: (projectId) => inTurn(engine, projectId, () => destroy(engine, projectId)),
		adopt: () => adopt(engine),
		list: async () => listRunning(engine),
		async stopAll() {
			const projects = engine.records.all().map(({ projectId }) => projectId);
			await Promise.all(projects.map((projectId) => inTurn(engine, projectId, () => stop(engine, projectId))));
		},
		onExit(listener) {
			engine.listeners.add(listener);
			return () => engine.listeners.delete(listener);
		},
		onLimit: () => () => undefined,
		onRecovery: () => () => undefined,
	};
}

async function exec(engine: Engine, projectId: string, argv: string[], aborted?: AbortSignal): Promise<ExecResult> {
	const record = engine.records.get(projectId);
	if (record === undefined || !listRunning(engine).includes(projectId)) {
		throw new AppError('conflict', 'The project is not running. Start it first.');
	}
	const { access } = record;
	const command = { argv, ...record.exec };
	const { fence } = engine.separation;
	const enclosed = fence === undefined || access === null ? command : fence.enclose(command, { projectId, access });
	return withoutEntry(await runChild({ dir: engine.dir, projectId }, enclosed, aborted, watcherOf(engine)));
}

type Alone = { projectId: string; command: Command; access: Access };

/** Opens the way to the hosts of packages for as long as the command runs. */
async function runAlone(
	engine: Engine,
	{ projectId, command, access }: Alone,
	aborted?: AbortSignal,
): Promise<ExecResult> {
	const owner = { dir: engine.dir, projectId };
	const { fence } = engine.separation;
	if (fence === undefined) return runChild(owner, command, aborted);
	const own = engine.records.get(projectId);
	if (own === undefined) {
		await takeBack(access.write);
		await fence.allow(projectId, access.destinations);
	}
	try {
		return withoutEntry(
			await runChild(owner, fence.enclose(command, { projectId, access }), aborted, watcherOf(engine)),
		);
	} finally {
		if (own === undefined) await fence.release(projectId);
	}
}

/** Keeps a command to the limits of its fence. */
function watcherOf({ separation: { fence } }: Engine): (identity: ProcessIdentity) => void {
	return (identity) => fence?.watch(identity, () => signal(identity, 'SIGKILL', 'group'));
}

async function allow(engine: Engine, projectId: string, destinations: Destination[]): Promise<void> {
	const record = engine.records.get(projectId);
	if (engine.separation.fence === undefined || record == null || record.access === null) return;
	if (isDeepStrictEqual(record.access.destinations, destinations)) return;
	engine.records.save({ ...record, access: { ...record.access, destinations } });
	await engine.separation.fence.allow(projectId, destinations);
}

async function stop(engine: Engine, projectId: string): Promise<void> {
	const record = engine.records.get(projectId);
	engine.ending.add(projectId);
	try {
		const stuck = await endProject(engine.dir, projectId, record, engine.graceMs);
		if (stuck.length > 0) {
			throw new AppError('unavailable', `Process ${stuck.join(', ')} cannot be ended, not even by SIGKILL. Try again.`);
		}
	} finally {
		engine.ending.delete(projectId);
	}
	for (const { name, port } of record?.processes ?? []) {
		engine.ports.release(port);
		for (const held of [engine.specs, engine.exitCodes, engine.processorTimes, engine.adopted])
			held.delete(keyOf(projectId, name));
	}
	engine.records.remove(projectId);
	await engine.separation.fence?.release(projectId);
}

async function destroy(engine: Engine, projectId: string): Promise<void> {
	await stop(engine, projectId);
	for (const name of ['opencode', 'preview'] as const) removeLog({ dir: engine.dir, projectId, name });
}

async function adopt(engine: Engine): Promise<string[]> {
	const [whole, broken] = [new Set<string>(), new Set<string>()];
	for (const record of engine.records.all()) (isAsNow(engine, record) ? whole : broken).add(record.projectId);
	for (const { projectId } of listMarked(engine.dir)) if (!whole.has(projectId)) broken.add(projectId);
	for (const { projectId, processes } of engine.records.all()) {
		if (whole.has(projectId)) for (const { name } of processes) engine.adopted.add(keyOf(projectId, name));
	}
	for (const projectId of whole) await rejoin(engine, projectId);
	if (whole.size > 0) startPulse(engine);
	await Promise.all([...broken].map((projectId) => inTurn(engine, projectId, () => stop(engine, projectId))));
	await engine.separation.fence?.settle();
	return [...whole];
}

/** Whether it runs, and behind a fence just if a project started now would. */
function isAsNow(engine: Engine, record: ProcessRecord): boolean {
	return isRunning(engine, record) && (record.access !== null) === (engine.separation.fence !== undefined);
}

/** An adopted project's way to the network, and the sockets that were not published before doce ended. */
async function rejoin(engine: Engine, projectId: string): Promise<void> {
	const { fence } = engine.separation;
	const record = engine.records.get(projectId);
	if (fence === undefined || record == null || record.access === null) return;
	await fence.allow(projectId, record.access.destinations);
	for (const { name, identity } of record.processes)
		if (identity !== null) joinFence(engine, { projectId, name, identity });
}

function listRunning(engine: Engine): string[] {
	return engine.records
		.all()
		.filter((record) => record.processes.some(({ name }) => isRunning(engine, record, name)))
		.map(({ projectId }) => projectId);
}
