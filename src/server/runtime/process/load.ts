import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from '../fence/usage.js';
import type { Load, ProcessLoad } from '../runtime.ts';
import { type Engine, isRunning, keyOf } from './engine.ts';
import { descendants, listChildren, processorTimeOf } from './table.ts';

/** The shortest time over which use of processors is measured, and the longest, in ms. */
const SHORTEST_MS = 250;
const LONGEST_MS = 30_000;

/** Reads from the system what a project uses now; undefined where nothing runs, or where the system does not tell. */
export async function loadOf(engine: Engine, projectId: string): Promise<Load | undefined> {
	const record = engine.records.get(projectId);
	const running = record?.processes.filter(({ name }) => isRunning(engine, record, name)) ?? [];
	if (running.length === 0 || process.platform !== 'linux') return undefined;
	const leaders = running.flatMap(({ name, identity }) => (identity === null ? [] : [{ name, pid: identity.pid }]));
	const keys = leaders.map(({ name }) => keyOf(projectId, name));
	const isKnown = keys.every((key) => Date.now() - (engine.processorTimes.get(key)?.at ?? 0) < LONGEST_MS);
	if (!isKnown) {
		measure(engine, projectId, leaders);
		await sleep(SHORTEST_MS);
	}
	return { isPaused: false, processes: measure(engine, projectId, leaders) };
}

type Leader = { name: ProcessLoad['name']; pid: number };

function measure(engine: Engine, projectId: string, leaders: Leader[]): ProcessLoad[] {
	const children = listChildren();
	return leaders.map(({ name, pid }) => {
		const pids = descendants(children, pid);
		const now = { at: Date.now(), seconds: pids.reduce((sum, each) => sum + processorTimeOf(each), 0) };
		const before = engine.processorTimes.get(keyOf(projectId, name));
		engine.processorTimes.set(keyOf(projectId, name), now);
		const passed = before === undefined ? 0 : (now.at - before.at) / 1_000;
		// A child that has ended takes its time with it.
		const cpus = before === undefined || passed <= 0 ? 0 : Math.max(0, (now.seconds - before.seconds) / passed);
		return { name, memoryBytes: usageOf(pids, Number.POSITIVE_INFINITY).bytes, cpus };
	});
}
