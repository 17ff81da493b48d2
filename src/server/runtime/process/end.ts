import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessRecord } from './record.ts';
import { isAlive, listMarked, type ProcessIdentity, signal } from './table.ts';

const POLL_MS = 25;
const KILL_WAIT_MS = 2_000;

/**
 * Ends all processes of a project: the recorded ones with their groups, and whatever else carries its mark.
 * Asks first, kills after `graceMs`. Returns the pids that survived even that (a process stuck in the kernel).
 */
export async function endProject(
	dir: string,
	projectId: string,
	record: ProcessRecord | undefined,
	graceMs: number,
): Promise<number[]> {
	const leaders = record?.processes.flatMap(({ identity }) => identity ?? []) ?? [];
	const remaining = () => {
		const alive = leaders.filter(isAlive);
		// Looking through all processes is dearer than asking for ours, and their end comes first anyway.
		return alive.length > 0 ? alive : listMarked(dir).filter((process) => process.projectId === projectId);
	};
	signalAll(dir, projectId, leaders, 'SIGTERM');
	if (await isGone(remaining, graceMs)) return [];
	signalAll(dir, projectId, leaders, 'SIGKILL');
	await isGone(remaining, KILL_WAIT_MS);
	return remaining().map(({ pid }) => pid);
}

function signalAll(dir: string, projectId: string, leaders: ProcessIdentity[], name: 'SIGTERM' | 'SIGKILL'): void {
	const leading = leaders.filter(isAlive);
	const groups = new Set(leading.map(({ pid }) => pid));
	const others = listMarked(dir).filter((process) => process.projectId === projectId && !groups.has(process.group));
	for (const leader of leading) signal(leader, name, 'group');
	for (const process of others) signal(process, name, 'process');
}

async function isGone(remaining: () => ProcessIdentity[], withinMs: number): Promise<boolean> {
	for (let waited = 0; remaining().length > 0; waited += POLL_MS) {
		if (waited >= withinMs) return false;
		await sleep(POLL_MS);
	}
	return true;
}
