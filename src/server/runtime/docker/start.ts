import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { clearSockets, makeSocketFolders, OUT_SOCKET, outFolder, placesOf, publishSocket } from '../fence/sockets.ts';
import { handOver, writtenBy } from '../owner.ts';
import type { Access, Command, ProcessName, ProcessSpec, RuntimeAddress, RuntimeSpec } from '../runtime.ts';
import { hasStatus } from './connection/connection.ts';
import { measure, watchDisk } from './disk.ts';
import {
	addressOf,
	ask,
	type DockerRecord,
	type Engine,
	isAlive,
	isRunning,
	type Known,
	keyOf,
	NAMES,
} from './engine.ts';
import { argvInside, bindsOf, outermost } from './order/inside.ts';
import { containerName, type Role } from './order/names.ts';
import { type Confinement, containerSpec, portInside } from './order/spec.ts';
import { handOverFolder } from './owner.ts';
import { ignoring, removeAll } from './remove.ts';

/** Starts what is missing of a project, and wakes what is paused. To be called in the project's turn. */
export async function startProject(engine: Engine, spec: RuntimeSpec, aborted: AbortSignal): Promise<RuntimeAddress> {
	aborted.throwIfAborted();
	const record = prepareRecord(engine, spec);
	await resume(engine, spec.projectId);
	makeSocketFolders(placesOf(engine.root, spec.projectId));
	await engine.proxy.allow(spec.projectId, {
		socket: placesOf(engine.root, spec.projectId).proxy,
		destinations: spec.access.destinations,
	});
	const missing = spec.processes.filter(({ name }) => !isRunning(engine, spec.projectId, name));
	if (missing.length === spec.processes.length) await handOver(engine.user, outermost(writtenBy(spec)));
	aborted.throwIfAborted();
	watchDisk(engine);
	// Before it writes anything: measured beside the start, which takes longer.
	if (!engine.disk.has(spec.projectId)) void measure(engine, record);
	const launched = await Promise.allSettled(missing.map((process) => launch(engine, record, process)));
	for (const one of launched) if (one.status === 'rejected') throw one.reason;
	return addressOf(engine, record);
}

/** Lets a paused project go on. */
export async function resume(engine: Engine, projectId: string): Promise<void> {
	const paused = [...engine.known.values()].filter(
		({ labels, state }) => labels.projectId === projectId && state === 'paused',
	);
	await Promise.all(
		paused.map(async (known) => {
			await ask(engine, 'wake a container', async (api) => {
				await api
					.getContainer(known.id)
					.unpause()
					.catch(ignoring(404, 409, 500));
			});
			// Events come later than the answer; it may have ended meanwhile.
			if (known.state === 'paused') known.state = 'running';
		}),
	);
}

/** The project's record; it exists before anything runs. */
function prepareRecord(engine: Engine, spec: RuntimeSpec): DockerRecord {
	const { projectId, password, access, limits, processes } = spec;
	const stored = engine.records.get(projectId);
	const preview = processes.find(({ name }) => name === 'preview');
	if (preview === undefined) throw new Error('A project runs a preview');
	const { cwd, env } = preview.command(portInside('preview'));
	const record: DockerRecord = {
		...{ projectId, access, limits, image: engine.image, exec: { cwd, env } },
		// Where the sockets are made, files can be made, too.
		folders: [...outermost(writtenBy(spec)), ...NAMES.map((name) => outFolder(placesOf(engine.root, projectId), name))],
		password: stored !== undefined && isRunning(engine, projectId, 'opencode') ? stored.password : password,
	};
	engine.records.save(record);
	return record;
}

async function launch(engine: Engine, record: DockerRecord, { name, own, command }: ProcessSpec): Promise<void> {
	const { projectId, access, limits } = record;
	const places = placesOf(engine.root, projectId);
	const key = keyOf(projectId, name);
	const old = engine.known.get(key);
	if (old !== undefined) await removeAll(engine, [old]);
	engine.known.delete(key);
	clearSockets(places, name);
	const folder = outFolder(places, name);
	handOverFolder(engine.user, folder);
	const confinement = confine(engine, {
		...{ projectId, role: name, limits, access, command: command(portInside(name)) },
		...(own && { own }),
		out: { folder, socket: OUT_SOCKET, port: portInside(name) },
	});
	const id = await createContainer(engine, confinement);
	const known: Known = { id, labels: confinement.labels, state: 'running', startedAt: Date.now() };
	// Known before it starts, since it may end before the answer is here.
	engine.known.set(key, known);
	try {
		await ask(engine, 'start a container', (api) => api.getContainer(id).start());
	} catch (error) {
		engine.known.delete(key);
		await removeAll(engine, [known]).catch(() => undefined);
		throw error;
	}
	publish(engine, projectId, name);
}

/** Makes a process's socket known as soon as it listens. */
export function publish(engine: Engine, projectId: string, name: ProcessName): void {
	const known = engine.known.get(keyOf(projectId, name));
	publishSocket(placesOf(engine.root, projectId), name, () => isAlive(known));
}

type Place = {
	projectId: string;
	role: Role;
	limits: DockerRecord['limits'];
	access: Access;
	own?: NonNullable<ProcessSpec['own']>;
	command: Command;
	out?: { folder: string; socket: string; port: number };
};

/** Everything about a container, with the paths as the engine has them. */
export function confine(engine: Engine, { projectId, role, limits, access, own, command, out }: Place): Confinement {
	const { instance, image, user, programs, connection } = engine;
	const reached = {
		write: [...access.write, ...(own?.write ?? [])],
		read: [...access.read, ...(own?.read ?? [])],
	};
	const ports = [...access.ports, ...(own?.ports ?? [])];
	for (const { socket } of ports) requireAlone(dirname(socket));
	return {
		...{ labels: { instance, projectId, role }, image, user, limits },
		...{ argv: argvInside(command, programs), env: command.env, cwd: command.cwd, niceness: command.niceness ?? 0 },
		binds: bindsOf(reached, programs).map((bind) => ({ ...bind, from: connection.hostPath(bind.from) })),
		sockets: {
			proxy: connection.hostPath(placesOf(engine.root, projectId).in),
			...(out && { out: { ...out, folder: connection.hostPath(out.folder) } }),
			ports: ports.map(({ port, socket }) => ({
				...{ port, socket: basename(socket) },
				folder: connection.hostPath(dirname(socket)),
			})),
		},
	};
}

/** Makes a container; one of the same name that an earlier doce made is in its way, and ours to remove. */
export async function createContainer(engine: Engine, confinement: Confinement): Promise<string> {
	const create = () =>
		ask(engine, 'make a container', async (api) => (await api.createContainer(orderOf(confinement))).id);
	try {
		return await create();
	} catch (error) {
		if (hasStatus(error, 404)) {
			engine.connection.doubt();
			throw error;
		}
		if (!hasStatus(error, 409)) throw error;
		await ask(engine, 'remove a container', (api) =>
			api.getContainer(containerName(confinement.labels)).remove({ force: true, v: true }),
		).catch(ignoring(404, 409));
		return create();
	}
}

/** The order in the body alone: without being told so, the client repeats all of it in the address. */
function orderOf(confinement: Confinement): object {
	const { name, ...order } = containerSpec(confinement);
	return { _query: { name }, _body: order };
}

/** The project sees the whole folder, so that a socket made anew is seen too. */
function requireAlone(folder: string): void {
	const others = readdirSync(folder);
	if (others.length > 1) throw new Error(`A container would be shown ${others.join(', ')} of ${folder}`);
}
