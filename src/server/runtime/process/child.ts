import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#server/errors.ts';
import type { Command, ExecResult, ProcessName } from '../runtime.ts';
import { openLog } from './log.ts';
import { type ProcessIdentity, processMark, signal, startTimeOf } from './table.ts';

const OUTPUT_LIMIT = 256 * 1024;
/** How long output is still waited for once a command has ended, in ms: what it left behind may hold it open for ever. */
const LAST_WORDS_MS = 1_000;

type Owner = { dir: string; projectId: string };

/**
 * Starts a process that outlives doce: in a group of its own, marked, writing to its log file.
 * `born` is called before anything else can happen, for the record that lets a later doce find it.
 * Throws `AppError('unavailable')` if there is nothing to execute.
 */
export async function startChild(
	owner: Owner,
	name: ProcessName,
	command: Command,
	born: (identity: ProcessIdentity) => void,
): Promise<ChildProcess> {
	const log = openLog({ ...owner, name }, `${name} started ${new Date().toISOString()}`);
	try {
		const child = spawnMarked(owner, command, ['ignore', log, log]);
		if (child.pid !== undefined) {
			// A child that is dead already still has an identity: one that is never alive.
			born({ pid: child.pid, startTime: startTimeOf(child.pid) ?? 'ended' });
			child.unref();
			return child;
		}
		throw new AppError('unavailable', `The ${name} process could not be started: ${await startError(child)}.`);
	} finally {
		closeSync(log);
	}
}

/** Runs a command to its end; when the signal aborts, its process group is killed and the signal's reason is thrown. */
export async function runChild(
	owner: Owner,
	command: Command,
	aborted?: AbortSignal,
	born?: (identity: ProcessIdentity) => void,
): Promise<ExecResult> {
	aborted?.throwIfAborted();
	const child = spawnMarked(owner, command, ['ignore', 'pipe', 'pipe']);
	const { pid } = child;
	if (pid === undefined) throw new AppError('invalid', `The command could not be run: ${await startError(child)}.`);
	const identity = { pid, startTime: startTimeOf(pid) ?? 'ended' };
	born?.(identity);
	const kill = () => signal(identity, 'SIGKILL', 'group');
	aborted?.addEventListener('abort', kill, { once: true });
	try {
		const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
		const exitCode = await endOf(child);
		aborted?.throwIfAborted();
		return { exitCode, stdout: stdout(), stderr: stderr() };
	} finally {
		aborted?.removeEventListener('abort', kill);
	}
}

/** The exit code of a process, when its output has ended too, or shortly after. */
async function endOf(child: ChildProcess): Promise<number> {
	const closed = once(child, 'close');
	const [code, name] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
	await Promise.race([closed, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
	child.stdout?.destroy();
	child.stderr?.destroy();
	return exitCodeOf(code, name);
}

/** As a shell says it: 128 + the signal's number for a process that a signal ended. */
export function exitCodeOf(code: number | null, name: NodeJS.Signals | null): number {
	return code ?? 128 + (name === null ? 0 : constants.signals[name]);
}

function spawnMarked(owner: Owner, command: Command, stdio: ('ignore' | 'pipe' | number)[]): ChildProcess {
	const [program, ...args] = command.argv;
	if (program === undefined) throw new Error('A command needs a program');
	const env = { ...command.env, ...processMark(owner.dir, owner.projectId) };
	const child = spawn(program, args, { cwd: command.cwd, env, stdio, detached: true });
	if (command.niceness !== undefined && child.pid !== undefined) lowerPriority(child.pid, command.niceness);
	return child;
}

function lowerPriority(pid: number, niceness: number): void {
	try {
		setPriority(pid, niceness);
	} catch (error) {
		// It has ended already: what started it will notice.
		if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
	}
}

function startError(child: ChildProcess): Promise<string> {
	return new Promise((resolve) => {
		child.once('error', (error) => resolve(`${error.message}, or its folder is missing`));
	});
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
	const chunks: Buffer[] = [];
	let length = 0;
	stream?.on('data', (chunk: Buffer) => {
		if (length < OUTPUT_LIMIT) chunks.push(chunk.subarray(0, OUTPUT_LIMIT - length));
		length += chunk.length;
	});
	return () => Buffer.concat(chunks).toString('utf8');
}
