import { readdirSync, readFileSync } from 'node:fs';
import { descendants } from '../../test/harness/doce.ts';
import type { Needle } from '../canary.ts';
import { type Finding, findingIn } from './files.ts';

type Role = 'server' | 'gateway' | 'OpenCode' | 'other';
export type RunningProcess = { pid: number; role: Role; command: string };

/** Every process of a doce: the server and what it started, also what an earlier one started with this data folder. */
export function processesOf(server: number, dataDir: string): RunningProcess[] {
	const pids = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
	const marked = pids.filter((pid) => pid !== process.pid && readProc(pid, 'environ').includes(dataDir));
	const all = [server, ...marked].flatMap((pid) => [pid, ...descendants(pid)]);
	return [...new Set(all)].map((pid) => {
		const command = readProc(pid, 'cmdline').toString('utf8').replaceAll('\0', ' ').trim();
		return { pid, command, role: pid === server ? 'server' : roleOf(command) };
	});
}

function roleOf(command: string): Role {
	if (command.startsWith('doce gateway')) return 'gateway';
	return /^\S*\/opencode /.test(command) ? 'OpenCode' : 'other';
}

export function searchEnvironment({ pid, command }: RunningProcess, needles: readonly Needle[]): Finding[] {
	return findingIn(`environment of ${command}`, readProc(pid, 'environ'), needles);
}

export function searchCommandLine({ pid, command }: RunningProcess, needles: readonly Needle[]): Finding[] {
	return findingIn(`command line of ${command}`, readProc(pid, 'cmdline'), needles);
}

/** Empty for a process that has ended meanwhile, or is another person's. */
function readProc(pid: number, file: 'environ' | 'cmdline'): Buffer {
	try {
		return readFileSync(`/proc/${pid}/${file}`);
	} catch (error) {
		const { code = '' } = error as NodeJS.ErrnoException;
		if (['ENOENT', 'ESRCH'].includes(code) || (code === 'EACCES' && file === 'environ')) return Buffer.alloc(0);
		throw error;
	}
}
