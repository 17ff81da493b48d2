import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Names this process in a lease: host, place (one boot of one machine, one process namespace), pid and birth,
 * since a pid alone may come back as somebody else, after a restart of a container for one.
 */
export function workerId(): string {
	return [hostname(), place(), process.pid, birthOf(process.pid)].join('/');
}

/**
 * True only if the process that the id names has certainly ended. Another host, boot or container cannot be
 * judged from here: its leases run out by themselves.
 */
export function isWorkerGone(id: string): boolean {
	const [host, where, pid, birth] = id.split('/');
	if (host !== hostname() || where !== place()) return false;
	const today = birthOf(Number(pid));
	return today === GONE || (today !== UNKNOWN && today !== birth);
}

const GONE = 'gone';
/** Alive, but the system does not say since when. */
const UNKNOWN = 'unknown';
const HAS_PROC = existsSync('/proc/self/stat');

/** When a process came to be: in the kernel's ticks since boot, or else, for this process, by its own clock. */
function birthOf(pid: number): string {
	if (HAS_PROC) return birthFromProc(pid);
	if (pid === process.pid) return String(Math.round(performance.timeOrigin));
	try {
		process.kill(pid, 0);
		return UNKNOWN;
	} catch (error) {
		return codeOf(error) === 'ESRCH' ? GONE : UNKNOWN;
	}
}

function birthFromProc(pid: number): string {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
		// The name in parentheses may itself hold spaces and parentheses; the state follows the last one.
		const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return state === 'Z' || state === 'X' ? GONE : (rest[18] ?? UNKNOWN);
	} catch (error) {
		if (['ENOENT', 'ESRCH'].includes(codeOf(error))) return GONE;
		throw error;
	}
}

let knownPlace: string | undefined;

function place(): string {
	knownPlace ??= createHash('sha256').update(describePlace()).digest('hex').slice(0, 8);
	return knownPlace;
}

function describePlace(): string {
	if (!HAS_PROC) return '';
	return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1') + readlinkSync('/proc/self/ns/pid');
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : '';
}
