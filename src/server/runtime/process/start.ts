import { existsSync } from 'node:fs';
import { AppError } from '#server/errors.ts';
import { takeBack, writtenBy } from '../owner.ts';
import type { Command, ProcessName, ProcessSpec, RuntimeAddress, RuntimeSpec } from '../runtime.ts';
import { inTurn } from '../turns.ts';
import { exitCodeOf, startChild } from './child.ts';
import { addressOf, type Engine, isRunning, keyOf, processOf } from './engine.ts';
import { noteInLog, readLogSinceStart, trimLog } from './log.ts';
import { isFree } from './ports.ts';
import type { ProcessRecord, RunningProcess } from './record.ts';
import { isAlive, listMarked, type ProcessIdentity, signal } from './table.ts';

const PULSE_MS = 1_000;
/** A process that finds its port taken ends while it starts; how often it is given another one. */
const PORT_TRIES = 4;
/** How Node, Vite and OpenCode (which gives no reason) put it. */
const PORT_TAKEN = /EADDRINUSE|address already in use|port \d+ is already in use|^ServeError$/im;

type End = { projectId: string; name: ProcessName; identity: ProcessIdentity; exitCode?: number };

/** Starts what is missing of a project. To be called in the project's turn. */
export async function startProject(engine: Engine, spec: RuntimeSpec, aborted: AbortSignal): Promise<RuntimeAddress> {
	aborted.throwIfAborted();
	const record = await prepareRecord(engine, spec);
	const isAlone = !spec.processes.some(({ name }) => isRunning(engine, record, name));
	if (isAlone && engine.separation.fence !== undefined) await takeBack(writtenBy(spec));
	aborted.throwIfAborted();
	startPulse(engine);
	// The proxy may have to start first; the processes do so meanwhile.
	const opening = engine.separation.fence?.allow(spec.projectId, spec.access.destinations);
	opening?.catch(() => undefined);
	for (const process of spec.processes) {
		engine.specs.set(keyOf(spec.projectId, process.name), { spec: process, portTries: PORT_TRIES });
		if (!isRunning(engine, record, process.name)) await launch(engine, record, process);
		aborted.throwIfAborted();
	}
	await opening;
	return addressOf(engine, record);
}

/**
 * Looks after what nobody tells us: the end of adopted processes, and logs that grow. Ends by itself. What goes wrong
 * with one process is logged once, and leaves the others and doce alone.
 */
export function startPulse(engine: Engine): void {
	const reported = new Set<string>();
	engine.pulse ??= setInterval(() => {
		const records = engine.records.all();
		for (const { projectId, processes } of records) {
			for (const process of processes) {
				try {
					lookAfter(engine, projectId, process);
				} catch (error) {
					const key = keyOf(projectId, process.name);
					if (!reported.has(key))
						engine.logger.error({ err: error, projectId }, 'A process could not be looked after.');
					reported.add(key);
				}
			}
		}
		if (records.length > 0) return;
		clearInterval(engine.pulse);
		engine.pulse = undefined;
	}, PULSE_MS).unref();
}

function lookAfter(engine: Engine, projectId: string, { name, identity }: RunningProcess): void {
	if (identity !== null && !isAlive(identity) && engine.adopted.delete(keyOf(projectId, name)))
		onEnd(engine, { projectId, name, identity });
	trimLog({ dir: engine.dir, projectId, name });
}

/** The project's record, with a port for each process; it exists before anything runs. */
async function prepareRecord(engine: Engine, spec: RuntimeSpec): Promise<ProcessRecord> {
	const stored = engine.records.get(spec.projectId);
	const current = stored?.bootId === engine.boot ? stored : undefined;
	const processes: RunningProcess[] = [];
	for (const { name } of spec.processes) {
		const port = stored?.processes.find((process) => process.name === name)?.port ?? (await engine.ports.reserve());
		const known = current?.processes.find((process) => process.name === name);
		processes.push(known ?? { name, port, identity: null, startedAt: 0 });
	}
	const keepsPassword = current !== undefined && isRunning(engine, current, 'opencode');
	const record: ProcessRecord = {
		projectId: spec.projectId,
		password: keepsPassword ? current.password : spec.password,
		bootId: engine.boot,
		exec: placeOfExec(spec),
		access: engine.separation.fence === undefined ? null : spec.access,
		processes,
	};
	engine.records.save(record);
	return record;
}

/** Commands run where the preview runs: its environment, unlike OpenCode's, holds no password. */
function placeOfExec(spec: RuntimeSpec): ProcessRecord['exec'] {
	const preview = spec.processes.find(({ name }) => name === 'preview');
	if (preview === undefined) throw new Error('A project runs a preview');
	const { cwd, env } = preview.command(0);
	return { cwd, env };
}

async function launch(engine: Engine, record: ProcessRecord, spec: ProcessSpec): Promise<void> {
	const { projectId } = record;
	const { name } = spec;
	const process = processOf(record, name);
	if (!(await isFree(process.port))) await changePort(engine, process);
	engine.exitCodes.delete(keyOf(projectId, name));
	engine.adopted.delete(keyOf(projectId, name));
	const born = (identity: ProcessIdentity) => {
		Object.assign(process, { identity, startedAt: Date.now() });
		engine.records.save(record);
	};
	const command = fenced(engine, record, spec, spec.command(process.port));
	const child = await startChild({ dir: engine.dir, projectId }, name, command, born);
	const { identity } = process;
	if (identity !== null) joinFence(engine, { projectId, name, identity });
	child.once('exit', (code, reason) => {
		if (identity !== null) onEnd(engine, { projectId, name, identity, exitCode: exitCodeOf(code, reason) });
	});
}

/** The command that starts a process behind the fence, if there is one. */
function fenced(
	engine: Engine,
	{ projectId, access, processes }: ProcessRecord,
	{ name, own = { write: [], read: [], ports: [] } }: ProcessSpec,
	command: Command,
): Command {
	const { fence } = engine.separation;
	if (fence === undefined || access === null) return command;
	const port = processes.find((one) => one.name === name)?.port ?? 0;
	const [program = ''] = command.argv;
	if (!existsSync(program))
		throw new AppError('unavailable', `The ${name} process could not be started: ${program} is missing.`);
	const both = {
		...access,
		write: [...access.write, ...own.write],
		read: [...access.read, ...own.read],
		ports: [...access.ports, ...own.ports],
	};
	fence.prepare(projectId, name);
	return fence.enclose(command, { projectId, access: both, serves: { name, port } });
}

/** A fenced process that runs: its socket, and its limits. */
export function joinFence(engine: Engine, { projectId, name, identity }: Omit<End, 'exitCode'>): void {
	const { fence } = engine.separation;
	fence?.publish(projectId, name, () => isAlive(identity));
	fence?.watch(identity, (limit) => {
		engine.logger.warn({ projectId, process: name }, `A process was ended, since there were more than ${limit}.`);
		noteInLog({ dir: engine.dir, projectId, name }, `ended, since there were more than ${limit}.`);
		signal(identity, 'SIGKILL', 'group');
	});
}

async function changePort(engine: Engine, process: RunningProcess): Promise<void> {
	const port = await engine.ports.reserve();
	engine.ports.release(process.port);
	process.port = port;
}

/** A process ended: by our wish, for want of a port, or by itself. */
function onEnd(engine: Engine, end: End): void {
	const { projectId, name, identity } = end;
	if (engine.ending.has(projectId)) return;
	const react = async () => {
		endGroup(engine, projectId, identity);
		const record = engine.records.get(projectId);
		const current = record?.processes.find((process) => process.name === name)?.identity;
		// By now it may have been stopped, or replaced.
		if (record === undefined || current?.pid !== identity.pid || current.startTime !== identity.startTime) return;
		if (end.exitCode !== undefined) engine.exitCodes.set(keyOf(projectId, name), end.exitCode);
		if (await restartedElsewhere(engine, record, name)) return;
		for (const listener of engine.listeners) listener(projectId, name);
	};
	inTurn(engine, projectId, react).catch((error: unknown) => {
		engine.logger.error({ err: error, projectId, process: name }, 'The end of a process could not be dealt with');
	});
}

/** Starts a process that found its port taken again on another one. */
async function restartedElsewhere(engine: Engine, record: ProcessRecord, name: ProcessName): Promise<boolean> {
	const asked = engine.specs.get(keyOf(record.projectId, name));
	if (asked === undefined || asked.portTries === 0) return false;
	const process = processOf(record, name);
	const complains = PORT_TAKEN.test(readLogSinceStart({ dir: engine.dir, projectId: record.projectId, name }));
	if (!complains && (await isFree(process.port))) return false;
	asked.portTries -= 1;
	await changePort(engine, process);
	await launch(engine, record, asked.spec);
	return true;
}

/** What a process started ends with it. */
function endGroup(engine: Engine, projectId: string, leader: ProcessIdentity): void {
	for (const process of listMarked(engine.dir)) {
		if (process.projectId === projectId && process.group === leader.pid) signal(process, 'SIGKILL', 'process');
	}
}
