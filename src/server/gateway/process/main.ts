import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { openKeyring } from '../../auth/keys/keyring.ts';
import { type Db, databaseFile, openDatabase } from '../../db/client.ts';
import { createLogger } from '../../logger.ts';
import { Secret } from '../../secret.ts';
import { type Command, command, type Report, type StartCommand } from '../control.ts';
import { listDead } from '../tokens.ts';
import type { Door, GatewayGround } from './admit.ts';
import { createCalls } from './calls.ts';
import { createDirectory } from './directory.ts';
import { createDispatchers } from './dispatchers.ts';
import { createLedger } from './ledger.ts';
import { serve } from './serve.ts';
import { createWays } from './ways.ts';

/** So many calls of one project at a time. */
const MOST_CALLS = 16;
/** How often the database is asked whether what runs may still run, in case a command got lost, in ms. */
const LOOK_INTERVAL = 2_000;
/** How long a caller's connection is kept open without a call, in ms: longer than callers keep them. */
const KEEP_ALIVE = 75_000;

/** A process of its own: it ends with the channel to the server that started it. */
process.title = 'doce gateway';
// The server ends it, in order, when the whole group is told to end.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

let running: Promise<Running> | undefined;

process.on('message', (message) => {
	obey(command.parse(message)).catch((error: unknown) => {
		const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
		tell({ type: 'failed', problem: error instanceof Error ? error.message : 'unknown', portTaken: isTaken });
		setImmediate(() => process.exit(1));
	});
});
process.on('disconnect', () => void stop());

async function obey(given: Command): Promise<void> {
	if (given.type === 'start') {
		running = start(given);
		return tell({ type: 'ready', port: (await running).port });
	}
	if (given.type === 'stop') return stop();
	const { calls, doors, ways } = await current();
	if (given.type === 'cut') {
		calls.cut(given);
		if (given.connectionId !== undefined) ways.forget(given.connectionId);
	} else if (given.type === 'listen') await doors.open(given.projectId, given.path);
	else doors.close(given.projectId);
	tell({ type: 'done', id: given.id });
}

async function current(): Promise<Running> {
	if (running === undefined) throw new Error('The gateway was told nothing yet.');
	return running;
}

async function stop(): Promise<void> {
	const { ledger, doors } = (await running) ?? {};
	doors?.closeAll();
	await ledger?.stop();
	process.exit(0);
}

function tell(report: Report): void {
	if (process.connected) process.send?.(report);
}

type Running = Pick<GatewayGround, 'calls' | 'ledger' | 'ways'> & { port: number; doors: Doors };

async function start(given: StartCommand): Promise<Running> {
	const logger = createLogger(given.logLevel);
	const { db } = await openDatabase(databaseFile(given.dataDir));
	await tune(db);
	const masterKey = given.masterKey === undefined ? undefined : new Secret(given.masterKey);
	const keyring = await openKeyring(db, { masterKeyFile: given.masterKeyFile, masterKey });
	const calls = createCalls(MOST_CALLS);
	const sockets = new Map<string, Server>();
	const ground: GatewayGround = {
		db,
		ways: createWays({ db, keyring, demoUrl: given.demoUrl }),
		logger,
		calls,
		directory: createDirectory(given.catalog),
		dispatchers: createDispatchers(),
		ledger: createLedger(db, logger),
		hasSocket: (projectId) => sockets.has(projectId),
	};
	const doors = createDoors(ground, sockets);
	for (const { projectId, path } of given.sockets) await doors.open(projectId, path);
	const shared = doorOf(ground, { projectId: undefined });
	await listen(shared, { port: given.port, host: '127.0.0.1', exclusive: true });
	setInterval(() => void endDead(ground), LOOK_INTERVAL).unref();
	return { calls, ledger: ground.ledger, ways: ground.ways, doors, port: (shared.address() as AddressInfo).port };
}

/** It only notes what was used: that need not outlive a power cut, and must not keep streams waiting. */
async function tune(db: Db): Promise<void> {
	await sql`pragma synchronous = NORMAL`.execute(db);
	await sql`pragma wal_autocheckpoint = 0`.execute(db);
	await sql`pragma busy_timeout = 100`.execute(db);
}

async function endDead({ db, calls, logger }: GatewayGround): Promise<void> {
	const tokens = calls.tokens();
	if (tokens.length === 0) return;
	try {
		calls.cutTokens(await listDead(db, tokens, Date.now()));
	} catch (error) {
		logger.error({ err: error }, 'The gateway could not look who may still call.');
	}
}

type Doors = ReturnType<typeof createDoors>;

/** The sockets of projects that have one. */
function createDoors(ground: GatewayGround, sockets: Map<string, Server>) {
	function close(projectId: string): void {
		const server = sockets.get(projectId);
		sockets.delete(projectId);
		server?.close();
		server?.closeAllConnections();
	}
	return {
		async open(projectId: string, path: string): Promise<void> {
			close(projectId);
			// An earlier process may have been killed before it could take its own away.
			rmSync(path, { force: true });
			const server = doorOf(ground, { projectId });
			// From here on its tokens are good nowhere else.
			sockets.set(projectId, server);
			await listen(server, { path });
		},
		close,
		closeAll: () => [...sockets.keys()].forEach(close),
	};
}

function doorOf(ground: GatewayGround, door: Door): Server {
	const server = createServer({ keepAliveTimeout: KEEP_ALIVE, noDelay: true }, (request, response) => {
		void serve(ground, door, request, response);
	});
	// Neither is a way to a provider.
	for (const event of ['connect', 'upgrade'] as const) server.on(event, (_request, socket) => socket.destroy());
	return server;
}

function listen(
	server: Server,
	where: { port: number; host: string; exclusive: boolean } | { path: string },
): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(where, () => {
			server.off('error', reject);
			resolve();
		});
	});
}
