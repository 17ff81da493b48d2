import type Docker from 'dockerode';
import type { ProcessName } from '../runtime.ts';
import { inTurn } from '../turns.ts';
import { type DockerEvent, hasStatus } from './connection/connection.ts';
import { type Engine, isAlive, type Known, keyOf, NAMES } from './engine.ts';
import { INSTANCE_LABEL, type Labels, readLabels } from './order/names.ts';

/** What the engine says it has of ours, or of one project of ours, running or not; commands that run once included. */
export async function listContainers({ connection, instance }: Engine, projectId?: string): Promise<Known[]> {
	const filters = { label: [`${INSTANCE_LABEL}=${instance}`] };
	const found = await connection.api.listContainers({ all: true, filters });
	const known = await Promise.all(
		found.map(async ({ Id: id, Labels }) => {
			const labels = readLabels(Labels, instance);
			const isWanted = labels !== undefined && (projectId === undefined || labels.projectId === projectId);
			return isWanted ? inspect(connection.api, id, labels) : undefined;
		}),
	);
	return known.flatMap((one) => one ?? []);
}

/** As it is now: the list of all may still show as running what has just ended. */
async function inspect(api: Docker, id: string, labels: Labels): Promise<Known | undefined> {
	try {
		const { State } = await api.getContainer(id).inspect();
		const state = State.Paused ? 'paused' : State.Running ? 'running' : 'exited';
		const startedAt = Date.parse(State.StartedAt) || 0;
		return { id, labels, state, startedAt, ...(state === 'exited' && { exitCode: State.ExitCode }) };
	} catch (error) {
		if (hasStatus(error, 404)) return undefined;
		throw error;
	}
}

/**
 * Brings what we know in line with what there is. A process that ended while nobody listened is told of; so is nothing of
 * before the first look.
 */
export async function lookAround(engine: Engine): Promise<void> {
	const there = new Map((await listContainers(engine)).map((one) => [one.id, one]));
	for (const known of engine.known.values()) {
		const now = there.get(known.id);
		if (now === undefined || now.state === 'exited') end(engine, known, now?.exitCode);
		else known.state = now.state;
	}
	if (!engine.isSettled) for (const one of there.values()) if (isProcess(one)) engine.known.set(keyFor(one), one);
}

/** One thing that happened to a container of ours. */
export function noteEvent(engine: Engine, { id, action, attributes }: DockerEvent): void {
	const known = [...engine.known.values()].find((one) => one.id === id);
	if (known === undefined) return;
	const { projectId, role } = known.labels;
	if (action === 'die') end(engine, known, exitCodeIn(attributes));
	else if (action === 'destroy') end(engine, known, known.exitCode);
	// Only so: one that comes late may be mistaken for asleep, and is woken once more; never the other way round.
	else if (action === 'pause' && isAlive(known)) known.state = 'paused';
	else if (action === 'oom')
		for (const listener of engine.limitListeners) listener(projectId, 'memory', role as ProcessName);
}

/** A process ended: by our wish, or by itself. */
function end(engine: Engine, known: Known, exitCode: number | undefined): void {
	if (!isAlive(known)) return;
	known.state = 'exited';
	if (exitCode !== undefined) known.exitCode = exitCode;
	const { projectId, role } = known.labels;
	if (engine.ending.has(projectId)) return;
	const react = async () => {
		// By now it may have been stopped, or replaced.
		if (engine.known.get(keyFor(known)) !== known) return;
		for (const listener of engine.exitListeners) listener(projectId, role as ProcessName);
	};
	inTurn(engine, projectId, react).catch((error: unknown) => {
		engine.logger.error({ err: error, projectId, process: role }, 'The end of a process could not be dealt with');
	});
}

/** Whether it is one of the two that a project is made of, and no command that ran beside them. */
export function isProcess({ labels }: Known): boolean {
	return (NAMES as readonly string[]).includes(labels.role);
}

function keyFor({ labels }: Known): string {
	return keyOf(labels.projectId, labels.role);
}

function exitCodeIn({ exitCode }: Record<string, string>): number | undefined {
	return exitCode === undefined || exitCode === '' ? undefined : Number(exitCode);
}
