import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import type { ProcessName } from '../runtime.ts';
import { hasStatus } from './connection/connection.ts';
import { demultiplex } from './demultiplex.ts';
import { ask, type Engine, isAlive, type Known, keyOf, logFile, NAMES } from './engine.ts';

const TAIL_BYTES = 256 * 1024;
const MOST_LINES = 5_000;

/** Ends containers and removes them, with what they wrote kept for the project's log. */
export async function removeAll(engine: Engine, containers: readonly Known[]): Promise<void> {
	await Promise.all(containers.map((one) => removeContainer(engine, one)));
}

async function removeContainer(engine: Engine, { id, labels, state }: Known): Promise<void> {
	const isProcess = labels.role === 'opencode' || labels.role === 'preview';
	await ask(engine, 'end a container', async (api) => {
		const container = api.getContainer(id);
		// A paused process cannot hear that it should end.
		if (state === 'paused') await container.unpause().catch(ignoring(404, 409, 500));
		if (state !== 'exited' && isProcess)
			await container.stop({ t: Math.ceil(engine.graceMs / 1_000) }).catch(ignoring(304, 404, 409));
		if (isProcess) await keepLog(engine, labels.projectId, labels.role as ProcessName, id);
		await container.remove({ force: true, v: true }).catch(ignoring(404, 409));
	});
}

/** The last lines, oldest first, without terminal control sequences: of the container, after those of earlier ones. */
export async function readLog(engine: Engine, projectId: string, name: ProcessName, lines: number): Promise<string[]> {
	const kept = await readFile(logFile(engine, projectId, name)).catch(() => Buffer.alloc(0));
	const known = engine.known.get(keyOf(projectId, name));
	const now = known === undefined ? '' : await outputOf(engine, known.id);
	const text = stripVTControlCharacters(kept.toString('utf8') + now).trimEnd();
	return lines <= 0 || text === '' ? [] : text.split(/\r?\n/).slice(-lines);
}

export async function removeLogs(engine: Engine, projectId: string): Promise<void> {
	for (const name of NAMES) await rm(logFile(engine, projectId, name), { force: true });
}

async function keepLog(engine: Engine, projectId: string, name: ProcessName, id: string): Promise<void> {
	const file = logFile(engine, projectId, name);
	await appendFile(file, await outputOf(engine, id), { mode: 0o600 });
	const all = await readFile(file);
	if (all.length > 2 * TAIL_BYTES) await writeFile(file, all.subarray(all.length - TAIL_BYTES), { mode: 0o600 });
}

/** What a container wrote last; nothing of one that is gone, or of an engine that does not answer. */
async function outputOf({ connection }: Engine, id: string): Promise<string> {
	try {
		const options = { stdout: true, stderr: true, tail: MOST_LINES, follow: false as const };
		const output = demultiplex(await connection.whileThere(connection.api.getContainer(id).logs(options)));
		return Buffer.from(output.all).subarray(-TAIL_BYTES).toString('utf8');
	} catch (error) {
		if (hasStatus(error, 404, 409) || connection.trouble() !== undefined) return '';
		throw error;
	}
}

export function ignoring(...statuses: number[]): (error: unknown) => void {
	return (error) => {
		if (!hasStatus(error, ...statuses)) throw error;
	};
}

export function containersOf(engine: Engine, projectId: string): Known[] {
	return NAMES.flatMap((name) => engine.known.get(keyOf(projectId, name)) ?? []);
}

export function anyAlive(engine: Engine, projectId: string): boolean {
	return containersOf(engine, projectId).some(isAlive);
}
