import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { AppError } from '#server/errors.ts';
import { withoutEntry } from '../fence/entryWords.ts';
import { makeSocketFolders, placesOf, removeSockets } from '../fence/sockets.ts';
import { handOver } from '../owner.ts';
import type { Access, Command, ExecResult, Limits } from '../runtime.ts';
import { demultiplex } from './demultiplex.ts';
import { ask, type Engine } from './engine.ts';
import { outermost } from './order/inside.ts';
import { anyAlive, ignoring } from './remove.ts';
import { confine, createContainer } from './start.ts';

const OUTPUT_LIMIT = 256 * 1024;
/** How long output is still waited for once a command has ended, in ms. */
const LAST_WORDS_MS = 1_000;
/** What a command may use for a project that was never started, and so brings no limits. */
const LIMITS: Limits = { memoryBytes: 1_536 * 1024 * 1024, cpus: 2, diskBytes: 0 };

/** Runs a command beside the preview, with what all of the project reaches. */
export async function exec(
	engine: Engine,
	projectId: string,
	argv: string[],
	aborted?: AbortSignal,
): Promise<ExecResult> {
	const record = engine.records.get(projectId);
	if (record === undefined || !anyAlive(engine, projectId)) {
		throw new AppError('conflict', 'The project is not running. Start it first.');
	}
	return runOnce(engine, { projectId, command: { argv, ...record.exec }, access: record.access }, aborted);
}

type Alone = { projectId: string; command: Command; access: Access };

/** Opens the way to the hosts of packages for as long as the command runs. To be called in the project's turn. */
export async function runAlone(engine: Engine, alone: Alone, aborted?: AbortSignal): Promise<ExecResult> {
	const { projectId, access } = alone;
	const places = placesOf(engine.root, projectId);
	const isStarted = engine.records.get(projectId) !== undefined;
	if (!isStarted) {
		makeSocketFolders(places);
		await engine.proxy.allow(projectId, { socket: places.proxy, destinations: access.destinations });
	}
	try {
		if (!anyAlive(engine, projectId)) await handOver(engine.user, outermost(access.write));
		return await runOnce(engine, alone, aborted);
	} finally {
		if (!isStarted) {
			await engine.proxy.forget(projectId);
			removeSockets(places);
		}
	}
}

/** In a container of its own, which ends with it. */
async function runOnce(
	engine: Engine,
	{ projectId, command, access }: Alone,
	aborted?: AbortSignal,
): Promise<ExecResult> {
	aborted?.throwIfAborted();
	const limits = engine.records.get(projectId)?.limits ?? LIMITS;
	const role = `command-${ulid().toLowerCase()}` as const;
	const id = await createContainer(engine, confine(engine, { projectId, role, limits, access, command }));
	const remove = () =>
		ask(engine, 'remove a container', (api) => api.getContainer(id).remove({ force: true, v: true })).catch(
			ignoring(404, 409),
		);
	const abort = () => void remove().catch((error: unknown) => engine.logger.warn({ err: error }, 'Not removed'));
	try {
		aborted?.addEventListener('abort', abort, { once: true });
		const result = await follow(engine, id);
		aborted?.throwIfAborted();
		return withoutEntry(result);
	} catch (error) {
		aborted?.throwIfAborted();
		throw error;
	} finally {
		aborted?.removeEventListener('abort', abort);
		await remove();
	}
}

/** Starts it and waits for its end. */
async function follow(engine: Engine, id: string): Promise<ExecResult> {
	return ask(engine, 'run a command', async () => {
		// It may say nothing for minutes.
		const container = engine.connection.patient.getContainer(id);
		const output = await container.attach({ stream: true, stdout: true, stderr: true });
		const framed = collect(output);
		const ended = once(output, 'close').catch(() => undefined);
		await container.start();
		const { StatusCode } = (await container.wait()) as { StatusCode: number };
		await Promise.race([ended, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
		const { stdout, stderr } = demultiplex(framed());
		return { exitCode: StatusCode, stdout: cut(stdout), stderr: cut(stderr) };
	});
}

function collect(stream: NodeJS.ReadableStream): () => Buffer {
	const chunks: Buffer[] = [];
	let length = 0;
	stream.on('data', (chunk: Buffer) => {
		if (length < 4 * OUTPUT_LIMIT) chunks.push(chunk);
		length += chunk.length;
	});
	return () => Buffer.concat(chunks);
}

function cut(output: Buffer): string {
	return output.subarray(0, OUTPUT_LIMIT).toString('utf8');
}
