import type { OutwardProxy } from '../config.ts';
import type { Db } from '../db/client.ts';
import type { Logger } from '../logger.ts';
import type { Secret } from '../secret.ts';
import { readPort, writePort } from './port.ts';
import { createSockets } from './sockets.ts';
import { createSupervisor } from './supervisor.ts';
import { revokeTokens } from './tokens.ts';

/** Whose calls are meant: a project's, a connection's, or those of one project over one connection. */
export type Whose = { projectId?: string; connectionId?: string };

/** doce's gateway to the providers, as the rest of the server sees it: a process of its own. */
export type Gateway = {
	/** The base URL under which a project's OpenCode finds a connection. The same as long as this data folder lives. */
	addressOf(connectionId: string): string;
	/** The port of this machine's 127.0.0.1 at which every project without a socket of its own is served. */
	port(): number;
	/**
	 * Opens a socket for one project alone and returns its path. From then on the project's tokens are good nowhere
	 * else, also across restarts of the gateway, until `stopListeningFor`.
	 */
	listenForProject(projectId: string): Promise<string>;
	stopListeningFor(projectId: string): Promise<void>;
	/** Ends calls that are under way, at once. A gateway that is just starting has none. */
	cut(whose: Whose): Promise<void>;
	/** Undefined while it is being started. */
	pid(): number | undefined;
	stop(): Promise<void>;
};

/** Revokes tokens, and cuts what runs with them: from then on nothing of it reaches a provider. */
export async function endAccess({ db, gateway }: { db: Db; gateway: Gateway }, whose: Whose): Promise<void> {
	await revokeTokens(db, whose);
	await gateway.cut(whose);
}

export type GatewayOptions = {
	dataDir: string;
	/** The file of the catalogue. */
	catalog: string;
	masterKeyFile: string;
	/** Only when the server itself was given its text. */
	masterKey?: Secret | undefined;
	logLevel: string;
	demoUrl: string;
	/** The port of their own 127.0.0.1 at which projects find it; without one, that of this machine. */
	portInside?: number | undefined;
	/** Where this system keeps sockets of whoever runs doce; without one, the folder for temporary files. */
	runtimeDir?: string | undefined;
	/** The way to public addresses, where this machine has no other. */
	proxy?: OutwardProxy | undefined;
	logger: Logger;
};

/** Starts the gateway's process and keeps it running. Resolves when it listens. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
	const { dataDir, catalog, masterKeyFile, masterKey, logLevel, demoUrl, portInside, runtimeDir, proxy, logger } =
		options;
	const sockets = createSockets({ dataDir, runtimeDir });
	let port = await readPort(dataDir);
	const supervisor = createSupervisor({
		logger,
		start: () => ({
			type: 'start',
			dataDir,
			catalog,
			logLevel,
			masterKeyFile,
			...(masterKey !== undefined && { masterKey: masterKey.reveal() }),
			port,
			demoUrl,
			...(proxy !== undefined && { proxy: { url: proxy.url.reveal(), except: proxy.except } }),
			sockets: sockets.list(),
		}),
		onPortTaken: () => {
			port = 0;
		},
	});
	port = await supervisor.ready();
	await writePort(dataDir, port);
	supervisor.onReady((given) => {
		port = given;
		writePort(dataDir, given).catch((error: unknown) =>
			logger.warn({ err: error }, 'The gateway’s port could not be kept: after a restart of doce it may be another.'),
		);
	});
	return {
		addressOf: (connectionId) => `http://127.0.0.1:${portInside ?? port}/${connectionId}`,
		port: () => port,
		async listenForProject(projectId) {
			const path = await sockets.add(projectId);
			await supervisor.tell({ type: 'listen', projectId, path });
			return path;
		},
		async stopListeningFor(projectId) {
			if (await sockets.remove(projectId)) await supervisor.tell({ type: 'unlisten', projectId });
		},
		cut: (whose) => supervisor.tell({ type: 'cut', ...whose }),
		pid: supervisor.pid,
		async stop() {
			await supervisor.stop();
			await sockets.removeAll();
		},
	};
}
