import { join } from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import { AppError } from '#server/errors.ts';
import type { Logger } from '#server/logger.ts';
import type { ProxyClient } from '../fence/proxy/client.ts';
import { placesOf, publishedSocket } from '../fence/sockets.ts';
import type { User } from '../owner.ts';
import { type RecordStore, recordId, storedAccess } from '../records.ts';
import type { LimitName, ProcessName, ProcessStatus, RuntimeAddress } from '../runtime.ts';
import type { Turns } from '../turns.ts';
import { type Connection, hasAnswered, hasStatus } from './connection/connection.ts';
import type { Programs } from './order/inside.ts';
import type { Labels } from './order/names.ts';
import { portInside } from './order/spec.ts';

export const NAMES: readonly ProcessName[] = ['opencode', 'preview'];

/** What is kept of a project that was started in containers. */
export const dockerRecord = z.object({
	projectId: recordId,
	password: z.string(),
	image: z.string(),
	/** Where `exec` runs its commands. */
	exec: z.object({ cwd: z.string(), env: z.record(z.string(), z.string()) }),
	access: storedAccess,
	/** Everything that any of its processes writes to, none inside another: what its disk is measured by. */
	folders: z.array(z.string()),
	limits: z.object({ memoryBytes: z.number(), cpus: z.number(), diskBytes: z.number() }),
});
export type DockerRecord = z.infer<typeof dockerRecord>;

/** A container of a project's, as it was last heard of. */
export type Known = {
	id: string;
	labels: Labels;
	state: 'running' | 'paused' | 'exited';
	exitCode?: number;
	/** Epoch milliseconds. */
	startedAt: number;
};

export type DockerOptions = {
	dir: string;
	logger: Logger;
	image: string;
	programs: Programs;
	/** Milliseconds between asking a process to end and killing it; whole seconds are meant. */
	graceMs?: number;
	/** How often the disk is looked at, in ms. */
	diskLookMs?: number;
};

/** What the Docker runtime knows while it lives. */
export type Engine = Required<DockerOptions> & {
	instance: string;
	user: User;
	connection: Connection;
	/** The folder of sockets. */
	root: string;
	proxy: ProxyClient;
	records: RecordStore<DockerRecord>;
	/** By project and process: its container, if there is one. */
	known: Map<string, Known>;
	turns: Turns;
	/** Projects whose containers end because we want it. */
	ending: Set<string>;
	/** Whether what runs from before has been taken over, or ended. */
	isSettled: boolean;
	/** By project and process: how long it had kept processors busy when that was looked at. */
	samples: Map<string, { at: number; nanoseconds: number }>;
	/** By project: what it takes up, and how much it may before it is ended. */
	disk: Map<string, { bytes: number; allowed: number }>;
	exitListeners: Set<(projectId: string, name: ProcessName) => void>;
	limitListeners: Set<(projectId: string, limit: LimitName, name?: ProcessName) => void>;
	recoveryListeners: Set<() => void>;
};

export function keyOf(projectId: string, name: string): string {
	return `${projectId}/${name}`;
}

export function isAlive(known: Known | undefined): known is Known {
	return known !== undefined && known.state !== 'exited';
}

/** Whether this process, or without a name all of them, is alive, paused or not. */
export function isRunning(engine: Engine, projectId: string, name?: ProcessName): boolean {
	const asked = name === undefined ? NAMES : [name];
	return asked.every((one) => isAlive(engine.known.get(keyOf(projectId, one))));
}

export function addressOf({ root }: Engine, { projectId, password }: DockerRecord): RuntimeAddress {
	const at = (name: ProcessName) => ({
		host: '127.0.0.1',
		port: portInside(name),
		socket: publishedSocket(placesOf(root, projectId), name),
	});
	return { password, opencode: at('opencode'), preview: at('preview') };
}

export function statusOf(engine: Engine, projectId: string): ProcessStatus[] {
	return NAMES.flatMap((name): ProcessStatus[] => {
		const known = engine.known.get(keyOf(projectId, name));
		if (known === undefined) return [];
		const { startedAt, exitCode } = known;
		if (isAlive(known)) return [{ name, state: 'running', startedAt }];
		return [{ name, state: 'exited', startedAt, ...(exitCode === undefined ? {} : { exitCode }) }];
	});
}

/** Throws `AppError('unavailable')` while nothing can be started. */
export function requireEngine({ connection }: Engine): Docker {
	const trouble = connection.trouble();
	if (trouble !== undefined) throw new AppError('unavailable', trouble);
	return connection.api;
}

/**
 * One call to the engine. What it does not find is no error, when that is what was wanted; everything else is one for a
 * person, since the engine belongs to the machine, not to doce.
 */
export async function ask<T>(engine: Engine, what: string, call: (api: Docker) => Promise<T>): Promise<T> {
	const api = requireEngine(engine);
	try {
		return await engine.connection.whileThere(call(api));
	} catch (cause) {
		if (hasStatus(cause, 404, 409, 304)) throw cause;
		// What it refuses, it has answered; who gets no answer looks whether it is still there.
		if (!hasAnswered(cause)) engine.connection.doubt();
		throw new AppError('unavailable', `Docker could not ${what}: ${reasonOf(cause)}. Try again.`, { cause });
	}
}

/** What an engine says is for who runs it, and long; its end says what went wrong. */
function reasonOf(error: unknown): string {
	if (/no space left|disk quota/i.test(String(error))) return 'the disk is full';
	const said = z.object({ json: z.object({ message: z.string() }) }).safeParse(error);
	return said.success ? said.data.json.message.trim().slice(-200) : 'it does not answer';
}

/** The file that keeps what a process wrote, once its container is gone. */
export function logFile({ dir }: Engine, projectId: string, name: ProcessName): string {
	return join(dir, `${projectId}.${name}.log`);
}
