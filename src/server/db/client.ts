import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backup, type DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { AppError } from '../errors.ts';
import { migrations } from './migrations/index.ts';
import type { DatabaseSchema } from './schema.ts';
import { markTransaction, openSqlite, sqliteDialect } from './sqlite.ts';

/** The database, or a transaction on it: what touches data takes it as the first argument. */
export type Db = Kysely<DatabaseSchema>;

export type OpenDatabase = { db: Db; backup(file: string): Promise<void>; close(): Promise<void> };

/** The database file of a data folder. */
export function databaseFile(dataDir: string): string {
	return join(dataDir, 'doce.sqlite');
}

/**
 * Opens (or creates) the database at `file` and brings it to the newest schema; an existing one that needs
 * a migration is first copied to `backups/` beside it. Migrations only go forward, all or nothing.
 */
export async function openDatabase(file: string): Promise<OpenDatabase> {
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	const isNew = !existsSync(file);
	const sqlite = openSqlite(file);
	const db = new Kysely<DatabaseSchema>({ dialect: sqliteDialect(sqlite) });
	await migrate(db, sqlite, isNew ? undefined : join(dirname(file), 'backups'));
	return {
		db,
		backup: async (target) => void (await backup(sqlite, target)),
		close: () => db.destroy(),
	};
}

/** Runs `work` in a transaction; inside one already, it joins that one. Await nothing but the database in it. */
export async function inTransaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
	if (db.isTransaction) return work(db);
	return db.transaction().execute((tx) => markTransaction(() => work(tx)));
}

async function migrate(db: Db, sqlite: DatabaseSync, backupDir: string | undefined): Promise<void> {
	const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
	const pending = (await migrator.getMigrations()).filter((migration) => migration.executedAt === undefined);
	if (pending.length === 0) return;
	if (backupDir !== undefined) {
		mkdirSync(backupDir, { recursive: true, mode: 0o700 });
		await backup(sqlite, join(backupDir, `before-${pending[0]?.name}-${Date.now()}.sqlite`));
	}
	const { error } = await migrator.migrateToLatest();
	if (error) {
		throw new AppError('unavailable', 'The database could not be brought to this version; nothing was changed.', {
			cause: error,
		});
	}
}
