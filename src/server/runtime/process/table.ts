import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { constants } from 'node:os';

/** A process beyond doubt: pids are used again, but not with the same start time in the same boot. */
export type ProcessIdentity = { pid: number; startTime: string };

/** A process that carries our mark in its environment, whoever its parent is now. */
export type MarkedProcess = ProcessIdentity & { projectId: string; group: number };

/** Names in a child's environment that say to which runtime folder and project it belongs. Children inherit them. */
const RUN_MARK = 'DOCE_RUN';
const PROJECT_MARK = 'DOCE_PROJECT';

const linux = process.platform === 'linux';

/** The environment entries that mark a process as belonging to this runtime folder and project. */
export function processMark(dir: string, projectId: string): Record<string, string> {
	return { [RUN_MARK]: runMark(dir), [PROJECT_MARK]: projectId };
}

/** Changes with each start of the machine, so that stored pids of an earlier one count for nothing. */
export function bootId(): string {
	if (linux) return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
	return execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim();
}

/** When a live process started, as an opaque text; undefined if there is none, or only its unreaped remains. */
export function startTimeOf(pid: number): string | undefined {
	return linux ? linuxStat(pid)?.startTime : psStartTime(pid);
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
	return startTimeOf(pid) === startTime;
}

/**
 * All live processes of our user that carry the mark of this runtime folder. Linux alone lets us look; elsewhere the
 * list is empty, and a process that left its group escapes.
 */
export function listMarked(dir: string): MarkedProcess[] {
	if (!linux) return [];
	const mark = runMark(dir);
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.flatMap((name) => {
			const pid = Number(name);
			const env = environmentOf(pid);
			const stat = env.get(RUN_MARK) === mark ? linuxStat(pid) : undefined;
			const projectId = env.get(PROJECT_MARK);
			return stat === undefined || projectId === undefined ? [] : [{ pid, projectId, ...stat }];
		});
}

/** The children of all processes, by their parent's pid. Unlike a mark, a process cannot change who its parent is. */
export function listChildren(): Map<number, number[]> {
	const children = new Map<number, number[]>();
	for (const name of readdirSync('/proc')) {
		const stat = /^\d+$/.test(name) ? readProc(`/proc/${name}/stat`) : undefined;
		if (stat === undefined) continue;
		const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ', 2)[1]);
		const known = children.get(parent);
		if (known === undefined) children.set(parent, [Number(name)]);
		else known.push(Number(name));
	}
	return children;
}

/** A process and all that came of it, by `listChildren`. */
export function descendants(children: ReadonlyMap<number, number[]>, leader: number): number[] {
	const found = [leader];
	for (const pid of found) found.push(...(children.get(pid) ?? []));
	return found;
}

/** Seconds that a process has kept a processor busy; 0 for one that is gone. Linux counts them in hundredths. */
export function processorTimeOf(pid: number): number {
	const stat = readProc(`/proc/${pid}/stat`);
	const [user = '0', system = '0'] =
		stat
			?.slice(stat.lastIndexOf(')') + 2)
			.split(' ')
			.slice(11, 13) ?? [];
	return (Number(user) + Number(system)) / 100;
}

/** Signals the process, and the group it leads if it does; nothing happens to a pid that now means another process. */
export function signal(identity: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL', whom: 'group' | 'process'): void {
	if (isAlive(identity)) send(whom === 'group' ? -identity.pid : identity.pid, constants.signals[name]);
}

function runMark(dir: string): string {
	return createHash('sha256').update(realpathSync(dir)).digest('hex').slice(0, 16);
}

function linuxStat(pid: number): { startTime: string; group: number } | undefined {
	const stat = readProc(`/proc/${pid}/stat`);
	if (stat === undefined) return undefined;
	// The second field is the program's name in brackets and may hold anything; the third is the state.
	const [state = 'X', , group, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const startTime = rest[16];
	return 'ZX'.includes(state) || startTime === undefined ? undefined : { startTime, group: Number(group) };
}

function psStartTime(pid: number): string | undefined {
	try {
		const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
			encoding: 'utf8',
			env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
			stdio: ['ignore', 'pipe', 'ignore'],
		});
		const [state = '', ...started] = line.trim().split(/\s+/);
		return state === '' || state.startsWith('Z') ? undefined : started.join(' ');
	} catch (error) {
		if (error instanceof Error && 'status' in error && error.status === 1) return undefined;
		throw error;
	}
}

function environmentOf(pid: number): Map<string, string> {
	const own = process.getuid?.();
	if (own !== undefined && statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid !== own) return new Map();
	const entries = (readProc(`/proc/${pid}/environ`) ?? '').split('\0').filter((entry) => entry.startsWith('DOCE_'));
	return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
}

/** Processes come and go while we read, and some are not ours to read. */
function readProc(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
		throw error;
	}
}

function send(target: number, signalNumber: number): void {
	try {
		process.kill(target, signalNumber);
	} catch (error) {
		if (!hasCode(error, 'ESRCH')) throw error;
	}
}

function hasCode(error: unknown, ...codes: string[]): boolean {
	return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
