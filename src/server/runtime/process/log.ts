import {
	appendFileSync,
	closeSync,
	openSync,
	readSync,
	rmSync,
	statSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { ProcessName } from '../runtime.ts';

const LOG_LIMIT = 1024 * 1024;
const TAIL_BYTES = 256 * 1024;
const START = '--- doce: ';

type LogOf = { dir: string; projectId: string; name: ProcessName };

/**
 * Opens a process's log for appending and notes the start in it. The child writes to the descriptor itself, so that it
 * outlives doce; the caller closes it.
 */
export function openLog(log: LogOf, note: string): number {
	const fd = openSync(fileOf(log), 'a', 0o600);
	writeSync(fd, `${START}${note}\n`);
	return fd;
}

/** Adds a line of doce's own to what a process wrote. */
export function noteInLog(log: LogOf, note: string): void {
	appendFileSync(fileOf(log), `doce: ${note}\n`, { mode: 0o600 });
}

/** Empties a log that grew past its limit; its last part is kept aside, so both together stay within twice the limit. */
export function trimLog(log: LogOf): void {
	const file = fileOf(log);
	if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= LOG_LIMIT) return;
	writeFileSync(`${file}.old`, tail(file, LOG_LIMIT), { mode: 0o600 });
	// The child goes on appending to this very file, so renaming it would only move what it fills.
	truncateSync(file, 0);
}

/** The last lines, oldest first, without terminal control sequences. */
export function readLog(log: LogOf, lines: number): string[] {
	const newer = tail(fileOf(log), TAIL_BYTES);
	const older = newer.length < TAIL_BYTES ? tail(`${fileOf(log)}.old`, TAIL_BYTES) : Buffer.alloc(0);
	const text = Buffer.concat([older, newer]).toString('utf8');
	const all = stripVTControlCharacters(text).trimEnd().split(/\r?\n/);
	return lines <= 0 || all.join('') === '' ? [] : all.slice(-lines);
}

/** What the process wrote since it was started last. */
export function readLogSinceStart(log: LogOf): string {
	const text = tail(fileOf(log), TAIL_BYTES).toString('utf8');
	return stripVTControlCharacters(text.slice(Math.max(0, text.lastIndexOf(START))));
}

export function removeLog(log: LogOf): void {
	rmSync(fileOf(log), { force: true });
	rmSync(`${fileOf(log)}.old`, { force: true });
}

function fileOf({ dir, projectId, name }: LogOf): string {
	return join(dir, `${projectId}.${name}.log`);
}

function tail(file: string, bytes: number): Buffer {
	const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
	if (size === 0) return Buffer.alloc(0);
	const fd = openSync(file, 'r');
	try {
		const buffer = Buffer.alloc(Math.min(size, bytes));
		return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, size - buffer.length));
	} finally {
		closeSync(fd);
	}
}
