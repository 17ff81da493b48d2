import { lstatSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeFoldersOf } from '../sockets.ts';
import type { Door, GatewayGround } from './admit.ts';
import { serve } from './serve.ts';

/** How long a caller's connection is kept open without a call, in ms: longer than callers keep them. */
const KEEP_ALIVE = 75_000;

/** So many connections of one project, each of which may have a call; what exceeds them is closed. */
const MOST_OF_A_PROJECT = 256;
/** All projects without a socket of their own together. */
const MOST_AT_THE_PORT = 4_096;

/** Where calls come in: the port that projects share, and the sockets of those that have one. */
export type Doors = {
	/** Opens the port that projects share, and returns it. */
	openShared(port: number): Promise<number>;
	/** Listens for a project. Where it does so already nothing happens, so that what runs there goes on. */
	open(projectId: string, path: string): Promise<void>;
	close(projectId: string): void;
	closeAll(): void;
	/** Also true of a project whose socket could not be opened: its tokens are good nowhere else all the same. */
	isClaimed(projectId: string): boolean;
};

type Own = { path: string; server: Server };

/** The ground is asked for with each call, since it knows the doors itself. */
export function createDoors(ground: () => GatewayGround): Doors {
	const own = new Map<string, Own>();

	function close(projectId: string): void {
		const mine = own.get(projectId);
		own.delete(projectId);
		mine?.server.close();
		mine?.server.closeAllConnections();
	}

	return {
		async openShared(port) {
			const server = doorOf(ground, { projectId: undefined });
			await listen(server, { port, host: '127.0.0.1', exclusive: true });
			return (server.address() as AddressInfo).port;
		},
		async open(projectId, path) {
			const mine = own.get(projectId);
			if (mine?.path === path && mine.server.listening && isSocket(path)) return;
			// Where only its folder was taken away, what has come in by it goes on.
			if (mine?.path === path) mine.server.close();
			else close(projectId);
			const server = doorOf(ground, { projectId });
			own.set(projectId, { path, server });
			makeFoldersOf(path);
			// An earlier process may have been killed before it could take its own away.
			rmSync(path, { force: true });
			// Its folder lies in a private one; the containers of a doce that is root are somebody else.
			await listen(server, { path, readableAll: true, writableAll: true });
		},
		close,
		closeAll: () => [...own.keys()].forEach(close),
		isClaimed: (projectId) => own.has(projectId),
	};
}

function doorOf(ground: () => GatewayGround, door: Door): Server {
	const server = createServer({ keepAliveTimeout: KEEP_ALIVE, noDelay: true }, (request, response) => {
		void serve(ground(), door, request, response);
	});
	server.maxConnections = door.projectId === undefined ? MOST_AT_THE_PORT : MOST_OF_A_PROJECT;
	// Neither is a way to a provider.
	for (const event of ['connect', 'upgrade'] as const) server.on(event, (_request, socket) => socket.destroy());
	return server;
}

function isSocket(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

function listen(
	server: Server,
	where: { port: number; host: string; exclusive: boolean } | { path: string; readableAll: true; writableAll: true },
): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.once('close', () => reject(new Error('It was closed before it was open.')));
		server.listen(where, resolve);
	});
}
