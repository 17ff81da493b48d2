import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Logger } from '#server/logger.ts';
import type { Isolation } from '#shared/projects.ts';
import type { ProcessIdentity } from '../process/table.ts';
import type { Access, Command, Destination, ProcessName } from '../runtime.ts';
import { bubblewrap, fencedEnvironment } from './bubblewrap.ts';
import { limitsHere } from './limits.ts';
import { installWords, probeFence } from './probe.ts';
import { createProxyClient } from './proxy/client.ts';
import {
	clearSockets,
	makeSocketFolders,
	openSocketRoot,
	outFolder,
	placesOf,
	publishedSocket,
	publishSocket,
	removeSockets,
} from './sockets.ts';
import { findTools, viewSystem } from './system.ts';
import { createWatch } from './watch.ts';

export type FenceOptions = {
	/** The runtime's folder. */
	dir: string;
	logger: Logger;
	mode: 'auto' | 'off';
	/** Files and folders that no fence shows, even where it shows what they lie in. */
	hidden?: readonly string[];
};

/** How projects are kept apart on this machine, and by what, if by anything. */
export type Separation = { isolation: Isolation; fence: Fence | undefined };

/** A process and what it serves; a command that runs beside it serves nothing. */
type Place = { projectId: string; access: Access; serves?: { name: ProcessName; port: number } };

/** Keeps projects from the machine, the network and each other. */
type Fence = {
	/** Clears the way for a process that is about to start. */
	prepare(projectId: string, name: ProcessName): void;
	/** The command that runs another one behind a fence. */
	enclose(command: Command, place: Place): Command;
	/** Has what this process leads kept to its limits from outside as well. */
	watch(leader: ProcessIdentity, onBreach: (limit: string) => void): void;
	/** Makes a process's socket known as soon as it listens. */
	publish(projectId: string, name: ProcessName, isAlive: () => boolean): void;
	/** Where doce reaches a process. */
	socketOf(projectId: string, name: ProcessName): string;
	/** Lets a project connect to these from now on. */
	allow(projectId: string, destinations: Destination[]): Promise<void>;
	allowPackages(hosts: Destination[]): Promise<void>;
	/** Ends what an earlier doce left and nobody needs. */
	settle(): Promise<void>;
	/** Nothing of the project runs any more. */
	release(projectId: string): Promise<void>;
};

/** Finds out by starting one whether fences work here. */
export async function openSeparation({ dir, logger, mode, hidden }: FenceOptions): Promise<Separation> {
	const without = (reason: string): Separation => ({ isolation: { level: 'not', reason }, fence: undefined });
	if (mode === 'off') return without('The fence is switched off by DOCE_FENCE=off.');
	if (process.platform !== 'linux') return without('Processes are kept apart on Linux only.');
	const found = findTools();
	if (found === undefined) return without(`bubblewrap is not installed. Install it: ${installWords()}.`);
	const root = openSocketRoot(dir);
	const system = viewSystem(root, found, hidden);
	const { isolation, tools } = await probeFence(found, { system, root, hidden });
	if (tools === undefined) return { isolation, fence: undefined };
	const proxy = createProxyClient({ root, logger });
	const limits = limitsHere();
	const watch = createWatch(limits);
	return {
		isolation,
		fence: {
			prepare: (projectId, name) => clearSockets(placesOf(root, projectId), name),
			enclose({ argv, env, cwd, niceness = 0 }, { projectId, access, serves }) {
				const ports = access.ports.map(({ port, socket }) => ({
					port,
					folder: dirname(socket),
					socket: basename(socket),
				}));
				for (const { folder } of ports) requireAlone(folder);
				const { write, read } = access;
				const places = placesOf(root, projectId);
				const enclosure = {
					...{ argv, cwd, write, read, ports, niceness },
					proxy: places.in,
					serves: serves && { port: serves.port, folder: outFolder(places, serves.name) },
				};
				return { argv: bubblewrap(tools, system, limits, enclosure), env: fencedEnvironment(env), cwd: '/' };
			},
			watch: watch.add,
			publish: (projectId, name, isAlive) => publishSocket(placesOf(root, projectId), name, isAlive),
			socketOf: (projectId, name) => publishedSocket(placesOf(root, projectId), name),
			async allow(projectId, destinations) {
				const places = placesOf(root, projectId);
				makeSocketFolders(places);
				await proxy.allow(projectId, { socket: places.proxy, destinations });
			},
			allowPackages: (hosts) => proxy.allowPackages(hosts),
			settle: () => proxy.settle(),
			async release(projectId) {
				await proxy.forget(projectId);
				removeSockets(placesOf(root, projectId));
			},
		},
	};
}

/** The project sees the whole folder, so that a socket made anew is seen too. */
function requireAlone(folder: string): void {
	const others = readdirSync(folder);
	if (others.length > 1) throw new Error(`A fence would show ${others.join(', ')} of ${folder}`);
}
