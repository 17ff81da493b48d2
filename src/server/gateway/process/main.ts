import { sql } from 'kysely';
import { openKeyring } from '../../auth/keys/keyring.ts';
import { type Db, databaseFile, openDatabase } from '../../db/client.ts';
import { createLogger, type Logger } from '../../logger.ts';
import { Secret } from '../../secret.ts';
import { createHolds } from '../../usage/holds.ts';
import { type Command, command, type Report, type StartCommand } from '../control.ts';
import { listDead } from '../tokens.ts';
import type { GatewayGround } from './admit.ts';
import { createCalls } from './calls.ts';
import { createDirectory } from './directory.ts';
import { createDoors, type Doors } from './doors.ts';
import { createLedger } from './ledger.ts';
import { createDispatchers } from './provider/dispatchers.ts';
import { createWays } from './provider/ways.ts';

/** So many calls of one project at a time. */
const MOST_CALLS = 16;
/** How often the database is asked whether what runs may still run, in case a command got lost, in ms. */
const LOOK_INTERVAL = 2_000;

/** A process of its own: it ends with the channel to the server that started it. */
process.title = 'doce gateway';
// The server ends it, in order, when the whole group is told to end.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

let running: Promise<Running> | undefined;

process.on('message', (message) => {
	obey(command.parse(message)).catch((error: unknown) => {
		const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
		tell({ type: 'failed', problem: problemIn(error), portTaken: isTaken });
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
	const problem = await carryOut(given).then(() => undefined, problemIn);
	tell({ type: 'done', id: given.id, ...(problem !== undefined && { problem }) });
}

async function carryOut(given: Exclude<Command, { type: 'start' | 'stop' }>): Promise<void> {
	const { calls, doors, ways } = await current();
	if (given.type === 'cut') {
		calls.cut(given);
		if (given.connectionId !== undefined) ways.forget(given.connectionId);
	} else if (given.type === 'listen') await doors.open(given.projectId, given.path);
	else doors.close(given.projectId);
}

function problemIn(error: unknown): string {
	return error instanceof Error ? error.message : 'unknown';
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
	const doors = createDoors(() => ground);
	const ground: GatewayGround = {
		db,
		ways: createWays({ db, keyring, demoUrl: given.demoUrl }),
		logger,
		calls,
		directory: createDirectory(given.catalog),
		dispatchers: createDispatchers(given.proxy),
		ledger: createLedger(db, logger),
		holds: createHolds(),
		hasSocket: doors.isClaimed,
	};
	await openDoors(doors, given, logger);
	const port = await doors.openShared(given.port);
	setInterval(() => void endDead(ground), LOOK_INTERVAL).unref();
	return { calls, ledger: ground.ledger, ways: ground.ways, doors, port };
}

/** One that does not open is its own project's trouble, and nobody else's. */
async function openDoors(doors: Doors, { sockets }: StartCommand, logger: Logger): Promise<void> {
	for (const { projectId, path } of sockets) {
		await doors
			.open(projectId, path)
			.catch((err: unknown) => logger.error({ err, projectId }, 'The gateway does not listen for a project.'));
	}
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
