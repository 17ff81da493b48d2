import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../errors.ts';

const holder = z.object({ pid: z.number(), host: z.string(), started: z.string() });

/**
 * Makes sure that one server works on a data folder. Throws `AppError('conflict')` while another one lives; what a
 * killed one left behind is taken over. Returns the way to give it back.
 */
export function lockDataDir(dataDir: string): () => void {
	const file = join(dataDir, 'doce.lock');
	mkdirSync(dataDir, { recursive: true, mode: 0o700 });
	const other = readHolder(file);
	if (
		other !== undefined &&
		other.host === hostname() &&
		other.pid !== process.pid &&
		startOf(other.pid) === other.started
	) {
		throw new AppError(
			'conflict',
			`doce is already running on ${dataDir} (process ${other.pid}). Stop it first, or choose another folder with DOCE_DATA_DIR.`,
		);
	}
	writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid) }), {
		mode: 0o600,
	});
	return () => rmSync(file, { force: true });
}

function readHolder(file: string): z.infer<typeof holder> | undefined {
	const text = readOptional(file);
	if (text === undefined || text === '') return undefined;
	return holder.safeParse(JSON.parse(text)).data;
}

/** Tells a process from a later one with its number: the kernel's start time where there is /proc, else that it lives. */
function startOf(pid: number): string {
	const stat = readOptional(`/proc/${pid}/stat`);
	if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
	if (process.platform === 'linux') return 'gone';
	return isAlive(pid) ? 'alive' : 'gone';
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
		return true;
	}
}

function readOptional(file: string): string | undefined {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
		throw error;
	}
}
