import { AsyncLocalStorage } from 'node:async_hooks';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
	type DatabaseConnection,
	type Dialect,
	type Driver,
	SqliteAdapter,
	type SqliteDatabase,
	SqliteDialect,
} from 'kysely';

/** How long a statement waits for another process's write lock, in ms. */
const BUSY_TIMEOUT = 5_000;

/** Opens a file in WAL mode with `synchronous=FULL`: a committed transaction survives a power cut. */
export function openSqlite(path: string): DatabaseSync {
	const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
	database.exec('pragma journal_mode = WAL; pragma synchronous = FULL; pragma foreign_keys = ON;');
	return database;
}

const scope = new AsyncLocalStorage<{ open: boolean }>();

/** Runs `work` marked as "inside a transaction", so that a use of the outer database is refused instead of hanging. */
export async function markTransaction<T>(work: () => Promise<T>): Promise<T> {
	const mark = { open: true };
	try {
		return await scope.run(mark, work);
	} finally {
		mark.open = false;
	}
}

/** Kysely's SQLite dialect over `node:sqlite`, with transactional migrations and the guard of `markTransaction`. */
export function sqliteDialect(database: DatabaseSync): Dialect {
	const inner = new SqliteDialect({ database: adapt(database) });
	return {
		createAdapter: () => new TransactionalAdapter(),
		createDriver: () => oneAtATime(inner.createDriver()),
		createIntrospector: (db) => inner.createIntrospector(db),
		createQueryCompiler: () => inner.createQueryCompiler(),
	};
}

class TransactionalAdapter extends SqliteAdapter {
	override get supportsTransactionalDdl(): boolean {
		return true;
	}

	/** Turns Kysely's own lock off: it would be waited for before `oneAtATime` can refuse. */
	override get supportsMultipleConnections(): boolean {
		return true;
	}
}

/** Hands the one connection to one user after another. */
function oneAtATime(driver: Driver): Driver {
	const acquire = driver.acquireConnection.bind(driver);
	const release = driver.releaseConnection.bind(driver);
	const waiting: (() => void)[] = [];
	let isTaken = false;
	driver.acquireConnection = async (options): Promise<DatabaseConnection> => {
		if (scope.getStore()?.open) {
			throw new Error(
				'The outer database was used inside a transaction, which would wait for itself: use the transaction.',
			);
		}
		if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
		isTaken = true;
		return acquire(options);
	};
	driver.releaseConnection = async (connection, options) => {
		await release(connection, options);
		const next = waiting.shift();
		if (next === undefined) isTaken = false;
		else next();
	};
	return driver;
}

/** As many texts of statements are kept compiled. */
const MOST_STATEMENTS = 200;

type Prepared = ReturnType<SqliteDatabase['prepare']>;

function adapt(database: DatabaseSync): SqliteDatabase {
	const known = new Map<string, Prepared>();
	return {
		close: () => database.close(),
		prepare: (sql) => {
			const prepared = known.get(sql) ?? compile(database, sql);
			// The one used last is the last to be forgotten.
			known.delete(sql);
			known.set(sql, prepared);
			const [oldest] = known.keys();
			if (known.size > MOST_STATEMENTS && oldest !== undefined) known.delete(oldest);
			return prepared;
		},
	};
}

function compile(database: DatabaseSync, sql: string): Prepared {
	// A deferred `begin` loses to another process's writer despite the timeout; an immediate one waits.
	const statement: StatementSync = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
	return {
		reader: statement.columns().length > 0,
		all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
		run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
		iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])) as IterableIterator<unknown>,
	};
}
