import { readFileSync } from 'node:fs';

/** What the processes behind one fence may use; a project has two, for its agent and for its preview. */
export type Limits = {
	/** Held by its processes alone, all together. Beyond it the biggest is ended. */
	memoryBytes: number;
	/** Beyond it all are ended. */
	processes: number;
	/** Enforced by the system, for ordinary users: root is exempt. */
	threads: number;
	fileBytes: number;
	/** For each of /tmp and /dev/shm, which lie in memory. */
	temporaryBytes: number;
};

const MB = 1024 * 1024;

/** The same, where this user may not go as far. */
export function limitsHere(): Limits {
	const own = readFileSync('/proc/self/limits', 'utf8');
	const most = (name: string) => Number(new RegExp(`^${name}\\s+\\S+\\s+(\\d+)`, 'm').exec(own)?.[1] ?? Infinity);
	const threads = Math.min(LIMITS.threads, most('Max processes'));
	return { ...LIMITS, threads, fileBytes: Math.min(LIMITS.fileBytes, most('Max file size')) };
}

/** OpenCode and the preview of a built site hold about 560 MB; a build of a site by the agent comes on top of that. */
const LIMITS: Limits = {
	memoryBytes: 2_048 * MB,
	processes: 256,
	threads: 2_048,
	fileBytes: 2_048 * MB,
	temporaryBytes: 256 * MB,
};
