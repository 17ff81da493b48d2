import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Db, inTransaction, openDatabase } from './client.ts';

let dir: string;
let file: string;

beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'doce-db-'));
	file = join(dir, 'doce.sqlite');
});

afterEach(() => rmSync(dir, { recursive: true }));

const add = (db: Db, name: string) => db.insertInto('instance').values({ name, value: '' }).execute();

test('of thirty transactions at once, exactly those that did not throw are stored', async () => {
	const { db, close } = await openDatabase(file);
	const work = Array.from({ length: 30 }, (_, n) =>
		inTransaction(db, async (tx) => {
			await add(tx, `row ${n}`);
			if (n % 3 === 0) throw new Error('taken back');
		}).catch(() => undefined),
	);
	await Promise.all(work);
	expect(await db.selectFrom('instance').selectAll().execute()).toHaveLength(20);
	await close();
});

test('using the outer database inside a transaction is refused instead of hanging', async () => {
	const { db, close } = await openDatabase(file);
	await expect(inTransaction(db, () => add(db, 'row'))).rejects.toThrow('use the transaction');
	await add(db, 'after');
	await close();
});

test('a transaction inside a transaction joins it', async () => {
	const { db, close } = await openDatabase(file);
	const work = inTransaction(db, async (tx) => {
		await inTransaction(tx, (inner) => add(inner, 'row'));
		throw new Error('taken back');
	});
	await expect(work).rejects.toThrow('taken back');
	expect(await db.selectFrom('instance').selectAll().execute()).toEqual([]);
	await close();
});

test('the file is in WAL mode with full synchronisation', async () => {
	const { close } = await openDatabase(file);
	await close();
	const raw = new DatabaseSync(file);
	expect(raw.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' });
	raw.close();
});

test('a database that needs a migration is copied first', async () => {
	const first = await openDatabase(file);
	await first.close();
	const raw = new DatabaseSync(file);
	const name = '0003-sealed';
	raw.exec(`delete from kysely_migration where name >= '${name}'`);
	raw.close();
	// It is now pending, and fails, since what it makes is there: nothing may be lost by that.
	await expect(openDatabase(file)).rejects.toThrow('nothing was changed');
	expect(readdirSync(join(dir, 'backups')).filter((entry) => entry.startsWith(`before-${name}`))).toHaveLength(1);
});
