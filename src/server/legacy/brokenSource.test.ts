import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADA } from '../../../test/fakes/legacyData.ts';
import { databaseFile } from '../db/client.ts';
import { type Fixture, openFixture } from './testing/fixture.ts';

let fixture: Fixture;

beforeEach(async () => {
	fixture = await openFixture();
});
afterEach(() => fixture.close());

const alter = (file: string, sql: string): void => {
	const database = new DatabaseSync(file);
	database.exec(sql);
	database.close();
};

const BREAKS: [string, (file: string) => void, RegExp][] = [
	['is cut off', (file) => truncateSync(file, 300_000), /damaged or cut off/],
	['is no SQLite', (file) => writeFileSync(file, 'Hello. '.repeat(1_000)), /not an SQLite database/],
	['is empty', (file) => truncateSync(file, 0), /no table "users"/],
	['lacks a table', (file) => alter(file, 'drop table projects'), /no table "projects"/],
	['has a view for a table', (file) => alter(file, VIEW), /no table "user_settings"/],
	['lacks a column', (file) => alter(file, 'alter table users drop column password_hash'), /no column "password_hash"/],
	[
		'has a row without a time',
		(file) => alter(file, "update projects set created_at = 'soon'"),
		/row 1 of its table "projects" has no usable "created_at"/,
	],
	['is not there', (file) => rmSync(file), /no db.sqlite in/],
];

const VIEW = `alter table user_settings rename to hidden; create view user_settings as select * from hidden`;

test.each(BREAKS)('a source that %s leaves nothing behind and says why', async (_, damage, words) => {
	const { old, root, dataDir } = fixture;
	const folder = join(root, 'broken');
	mkdirSync(folder);
	old.database.exec('pragma wal_checkpoint(truncate)');
	copyFileSync(old.file, join(folder, 'db.sqlite'));
	damage(join(folder, 'db.sqlite'));
	const before = [await fixture.everything(), readdirSync(dataDir)];
	await expect(fixture.run({ path: folder })).rejects.toThrow(words);
	expect([await fixture.everything(), readdirSync(dataDir)]).toEqual(before);
});

test("doce's own database is not taken for an old one", async () => {
	await expect(fixture.run({ path: databaseFile(fixture.dataDir) })).rejects.toThrow(/not a database of the old/);
});

test('a failure at the very end takes back the rows and the files, and the next try succeeds', async () => {
	const { dataDir, old, db } = fixture;
	alter(
		databaseFile(dataDir),
		`create trigger stop before insert on audit_entries when new.action = 'legacy.imported'
		begin select raise(abort, 'stopped by the test'); end`,
	);
	await expect(fixture.run()).rejects.toThrow('stopped by the test');
	expect(await db.selectFrom('users').select('id').execute()).toEqual([]);
	expect(existsSync(join(dataDir, 'projects'))).toBe(false);
	expect(readFileSync(join(old.folder, 'projects/prj_moved/.env'), 'utf8')).toContain(ADA.key);
	alter(databaseFile(dataDir), 'drop trigger stop');
	expect((await fixture.run()).summary).toBe('3 people and 5 projects came over.');
});

test('files that cannot be put in their place take the rows back, too', async () => {
	const { dataDir, db } = fixture;
	writeFileSync(join(dataDir, 'projects'), 'a file where a folder has to be');
	await expect(fixture.run()).rejects.toThrow(/ENOTDIR|EEXIST/);
	expect(await db.selectFrom('users').select('id').execute()).toEqual([]);
	rmSync(join(dataDir, 'projects'));
	expect((await fixture.run()).summary).toBe('3 people and 5 projects came over.');
});
