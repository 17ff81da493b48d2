import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerStats } from 'dockerode';
import type { Load, ProcessLoad, ProcessName } from '../runtime.ts';
import { hasStatus } from './connection/connection.ts';
import { type Engine, isAlive, type Known, keyOf } from './engine.ts';
import { containersOf } from './remove.ts';

/** The shortest time over which use of processors is measured, and the longest, in ms. */
const SHORTEST_MS = 250;
const LONGEST_MS = 30_000;

/** Asks the engine what a project uses now; undefined where nothing runs. */
export async function loadOf(engine: Engine, projectId: string): Promise<Load | undefined> {
	const alive = containersOf(engine, projectId).filter(isAlive);
	if (alive.length === 0) return undefined;
	const isPaused = alive.every(({ state }) => state === 'paused');
	const loads = await Promise.all(alive.map((known) => measure(engine, known)));
	const disk = engine.disk.get(projectId);
	return {
		isPaused,
		processes: loads.flatMap((load) => load ?? []),
		...(disk !== undefined && { diskBytes: disk.bytes }),
	};
}

async function measure(engine: Engine, known: Known): Promise<ProcessLoad | undefined> {
	const { projectId, role } = known.labels;
	const key = keyOf(projectId, role);
	const before = engine.samples.get(key);
	const isOld = before === undefined || Date.now() - before.at > LONGEST_MS;
	const first = isOld ? sampleOf(await statsOf(engine, known)) : before;
	if (isOld) await sleep(SHORTEST_MS);
	const stats = await statsOf(engine, known);
	const now = sampleOf(stats);
	if (first === undefined || now === undefined || stats === undefined) return undefined;
	engine.samples.set(key, now);
	const passed = (now.at - first.at) * 1e6;
	const cpus = passed <= 0 ? 0 : Math.max(0, (now.nanoseconds - first.nanoseconds) / passed);
	return { name: role as ProcessName, memoryBytes: heldMemory(stats), cpus };
}

async function statsOf({ connection }: Engine, { id }: Known): Promise<ContainerStats | undefined> {
	try {
		return await connection.whileThere(connection.api.getContainer(id).stats({ stream: false, 'one-shot': true }));
	} catch (error) {
		if (hasStatus(error, 404, 409) || connection.trouble() !== undefined) return undefined;
		throw error;
	}
}

function sampleOf(stats: ContainerStats | undefined): { at: number; nanoseconds: number } | undefined {
	const nanoseconds = stats?.cpu_stats?.cpu_usage?.total_usage;
	return nanoseconds === undefined ? undefined : { at: Date.now(), nanoseconds };
}

/** Without files that the kernel keeps in memory and can drop, as `docker stats` counts. */
export function heldMemory({ memory_stats: memory }: Pick<ContainerStats, 'memory_stats'>): number {
	const details: Record<string, number | undefined> = { ...memory.stats };
	const files = details['total_inactive_file'] ?? details['inactive_file'] ?? 0;
	return Math.max(0, (memory.usage ?? 0) - files);
}
