import { execFile } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { promisify } from 'node:util';
import { inTurn } from '../turns.ts';
import type { Engine } from './engine.ts';
import { outermost } from './order/inside.ts';
import { anyAlive, containersOf, removeAll } from './remove.ts';

/** So much less free space since the last look is a reason to look who took it. */
const NOTABLE_BYTES = 32 * 1024 * 1024;
/** What grows slowly, or while others make room, is found by measuring this often anyway, in ms. */
const ANYWAY_MS = 60_000;
/** A project that starts above its limit may still grow by this: its agent is to make room. */
const LEEWAY_BYTES = 64 * 1024 * 1024;

const watches = new WeakMap<Engine, NodeJS.Timeout>();

/**
 * Looks after what projects have written: folders of this machine have no limit of their own. Free space is cheap to
 * look at, so that is done all the time, and projects are measured when it shrinks. Ends by itself.
 */
export function watchDisk(engine: Engine): void {
	if (watches.has(engine) || process.platform !== 'linux') return;
	let [free, measuredAt, isMeasuring] = [Number.POSITIVE_INFINITY, 0, false];
	const look = () => {
		const projects = engine.records.all().filter(({ projectId }) => anyAlive(engine, projectId));
		if (projects.length === 0) {
			clearInterval(watches.get(engine));
			watches.delete(engine);
			return;
		}
		const now = freeBytes(engine.dir);
		const isDue = free - now > NOTABLE_BYTES || Date.now() - measuredAt > ANYWAY_MS;
		if (isMeasuring || !isDue) return;
		[free, measuredAt, isMeasuring] = [now, Date.now(), true];
		measureAll(engine)
			.catch((error: unknown) => engine.logger.error({ err: error }, 'The disk of projects was not measured.'))
			.finally(() => {
				isMeasuring = false;
			});
	};
	watches.set(engine, setInterval(look, engine.diskLookMs).unref());
}

async function measureAll(engine: Engine): Promise<void> {
	for (const { projectId, access, limits } of engine.records.all()) {
		if (!anyAlive(engine, projectId)) continue;
		const bytes = await usedBytes(outermost(access.write));
		if (bytes === undefined) continue;
		const before = engine.disk.get(projectId)?.allowed ?? bytes + LEEWAY_BYTES;
		const allowed = Math.max(limits.diskBytes, before);
		engine.disk.set(projectId, { bytes, allowed });
		if (bytes > allowed) await inTurn(engine, projectId, () => endForDisk(engine, projectId));
	}
}

/** Ends it at once: what is asked first goes on writing. */
async function endForDisk(engine: Engine, projectId: string): Promise<void> {
	if (!anyAlive(engine, projectId)) return;
	engine.ending.add(projectId);
	try {
		await Promise.all(
			containersOf(engine, projectId).map(({ id }) =>
				engine.connection.api
					.getContainer(id)
					.kill({ signal: 'SIGKILL' })
					.catch(() => undefined),
			),
		);
		await removeAll(engine, containersOf(engine, projectId));
	} finally {
		engine.ending.delete(projectId);
	}
	engine.disk.delete(projectId);
	for (const listener of engine.limitListeners) listener(projectId, 'disk');
}

/** What these folders take up on the disk; undefined when it cannot be found out. */
async function usedBytes(folders: readonly string[]): Promise<number | undefined> {
	try {
		const { stdout } = await promisify(execFile)('du', ['-s', '-x', '--block-size=1', '--', ...folders]);
		return sum(stdout);
	} catch (error) {
		// What vanishes while it is counted is complained of; the rest is counted all the same.
		const { stdout } = error as { stdout?: string };
		return stdout === undefined || stdout === '' ? undefined : sum(stdout);
	}
}

function sum(lines: string): number {
	return lines
		.trim()
		.split('\n')
		.reduce((total, line) => total + Number(line.split('\t')[0]), 0);
}

function freeBytes(dir: string): number {
	const { bavail, bsize } = statfsSync(dir);
	return bavail * bsize;
}
