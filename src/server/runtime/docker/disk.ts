import { execFile } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { inTurn } from '../turns.ts';
import { ask, type DockerRecord, type Engine } from './engine.ts';
import { anyAlive, containersOf, ignoring } from './remove.ts';

/** So much less free space since the last look is a reason to look who took it. */
const NOTABLE_BYTES = 32 * 1024 * 1024;
/** What grows slowly, or just as others make room, is found by measuring this often anyway, in ms. */
const ANYWAY_MS = 60_000;
/** After it was measured that rests for so many times as long as it took. */
const REST_SHARE = 2;
/** A project that starts above its limit may still grow by this: its agent is to make room. */
const LEEWAY_BYTES = 64 * 1024 * 1024;

/** Of what is said of folders that cannot be looked into. */
const COMPLAINTS_BYTES = 64 * 1024 * 1024;

const watches = new WeakMap<Engine, NodeJS.Timeout>();

/**
 * Looks after what projects have written: folders of this machine have no limit of their own. Free space is cheap to
 * look at, so that is done all the time, and projects are measured when it shrinks. Ends by itself.
 */
export function watchDisk(engine: Engine): void {
	if (watches.has(engine) || process.platform !== 'linux') return;
	let [free, measuredAt, isMeasuring, restsUntil] = [Number.POSITIVE_INFINITY, 0, false, 0];
	const look = () => {
		const projects = engine.records.all().filter(({ projectId }) => anyAlive(engine, projectId));
		if (projects.length === 0) {
			clearInterval(watches.get(engine));
			watches.delete(engine);
			return;
		}
		const now = freeBytes(engine.dir);
		const isDue = free - now > NOTABLE_BYTES || Date.now() - measuredAt > ANYWAY_MS;
		if (isMeasuring || !isDue || Date.now() < restsUntil) {
			// Where others make room, what is taken of that counts, too.
			free = Math.max(free, now);
			return;
		}
		[free, measuredAt, isMeasuring] = [now, Date.now(), true];
		measureAll(engine)
			.catch((error: unknown) => engine.logger.error({ err: error }, 'The disk of projects was not measured.'))
			.finally(() => {
				isMeasuring = false;
				// Who writes and deletes without end shall not have the machine count without end.
				restsUntil = Date.now() + REST_SHARE * (Date.now() - measuredAt);
			});
	};
	watches.set(engine, setInterval(look, engine.diskLookMs).unref());
}

async function measureAll(engine: Engine): Promise<void> {
	for (const record of engine.records.all()) {
		const { projectId } = record;
		if (!anyAlive(engine, projectId)) continue;
		const now = await measure(engine, record);
		if (now !== undefined && now.bytes > now.allowed)
			await inTurn(engine, projectId, () => endForDisk(engine, projectId));
	}
}

/** What a project takes up; the first time after its start that says how much it may. */
export async function measure(
	engine: Engine,
	{ projectId, folders, limits }: DockerRecord,
): Promise<{ bytes: number; allowed: number } | undefined> {
	const bytes = await usedBytes(folders);
	if (bytes === undefined) return undefined;
	const before = engine.disk.get(projectId)?.allowed ?? bytes + LEEWAY_BYTES;
	const now = { bytes, allowed: Math.max(limits.diskBytes, before) };
	engine.disk.set(projectId, now);
	return now;
}

/** Ends it at once: what is asked first goes on writing. */
async function endForDisk(engine: Engine, projectId: string): Promise<void> {
	if (!anyAlive(engine, projectId)) return;
	for (const listener of engine.limitListeners) listener(projectId, 'disk');
	const end = (api: Docker, id: string) => api.getContainer(id).kill({ signal: 'SIGKILL' }).catch(ignoring(404, 409));
	await Promise.all(
		containersOf(engine, projectId).map(({ id }) => ask(engine, 'end a container', (api) => end(api, id))),
	);
	// What it may use is found anew at its next start.
	engine.disk.delete(projectId);
}

/**
 * What these folders take up on the disk; undefined when it cannot be found out. A project may shut folders of its own
 * against who looks, as the same user: they are opened once, and one that goes on shutting them has more than it may.
 */
async function usedBytes(folders: readonly string[], isAgain = false): Promise<number | undefined> {
	try {
		return sum((await run('du', ['-s', '-x', '--block-size=1', '--', ...folders])).stdout);
	} catch (error) {
		const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
		if (stderr.includes('Permission denied')) {
			if (isAgain) return Number.MAX_SAFE_INTEGER;
			await run('chmod', ['-R', 'u+rwX', '--', ...folders]).catch(() => undefined);
			return usedBytes(folders, true);
		}
		// What vanishes while it is counted is complained of; the rest is counted all the same.
		return stdout === '' ? undefined : sum(stdout);
	}
}

function run(command: string, argv: string[]): Promise<{ stdout: string; stderr: string }> {
	return promisify(execFile)(command, argv, { env: { ...process.env, LC_ALL: 'C' }, maxBuffer: COMPLAINTS_BYTES });
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
