import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADA, BOB } from '../../../../test/fakes/legacyData.ts';
import { encodings, findInFiles } from '../../../../test/harness/sweep.ts';
import { type Fixture, openFixture } from '../testing/fixture.ts';
import { removePlainKeys } from './removeKeys.ts';

let fixture: Fixture;
const NEEDLES = [ADA.key, BOB.key].flatMap(encodings);

beforeEach(async () => {
	fixture = await openFixture();
});
afterEach(() => fixture.close());

const remove = () => removePlainKeys(fixture, fixture.old.folder, 'doce');
const shorten = (path: string): string => path.replace(`${fixture.root}/old/`, '');
const env = (project: string): string => join(fixture.old.folder, 'projects', project, '.env');

test('an import takes no key out of the old files', async () => {
	await fixture.run();
	expect(readFileSync(env('prj_bakery'), 'utf8')).toContain(ADA.key);
	expect(findInFiles(fixture.old.folder, [ADA.key]).map(shorten)).toContain('data/db.sqlite-wal');
});

test('before an import nothing is taken out: doce holds none of the keys', async () => {
	const { removed, left } = await remove();
	expect(removed).toEqual([]);
	expect(left.map(({ why }) => why)).toContain('doce does not hold the present key of Ada, bob b.');
	expect(readFileSync(env('prj_bakery'), 'utf8')).toContain(ADA.key);
});

test('asked for, the keys go from the old database and each .env, and nothing else does', async () => {
	await fixture.run();
	chmodSync(env('prj_bakery'), 0o640);
	const { removed, left } = await remove();
	expect(removed.map(({ path, what }) => [shorten(path), what])).toEqual([
		['data/db.sqlite', '2 keys'],
		['data/projects/prj_bakery/.env', '1 line'],
		['data/projects/prj_moved/.env', '1 line'],
		['elsewhere/far/.env', '1 line'],
		['data/projects/prj_gone/.env', '1 line'],
	]);
	expect(left.map(({ path }) => shorten(path))).toEqual(['data/projects/prj_bakery/docker-compose.yml']);
	expect(readFileSync(env('prj_bakery'), 'utf8')).toBe('DEV_PORT=3001\nOPENCODE_PORT=4001\n');
	expect(statSync(env('prj_bakery')).mode & 0o777).toBe(0o640);
	expect(findInFiles(join(fixture.root, 'old'), NEEDLES).map(shorten)).toEqual([
		'data/projects/prj_bakery/docker-compose.yml',
	]);
	// The old application, which still has its database open, finds everything else.
	const row = fixture.old.database.prepare('select count(*) as n from user_settings where default_model is not null');
	expect(row.get()?.['n']).toBe(1);
	expect((await fixture.run()).plainKeys.map(({ kind }) => kind)).toEqual(['file']);
});

test('what is busy or may not be written is named, and taken up by the next try', async () => {
	await fixture.run();
	const busy = new DatabaseSync(fixture.old.file);
	busy.exec('begin immediate');
	const first = await remove();
	expect(first.left[0]?.why).toContain('Stop that, then try again');
	expect(findInFiles(fixture.old.folder, [ADA.key]).map(shorten)).toContain('data/db.sqlite-wal');
	busy.exec('rollback');
	busy.close();
	const second = await remove();
	expect(second.removed.map(({ path }) => shorten(path))).toEqual(['data/db.sqlite']);
});

test('a key that was changed in the old application since stays there', async () => {
	await fixture.run();
	fixture.old.database.exec(
		`update user_settings set openrouter_api_key = 'sk-or-v1-changed-since' where user_id = '${ADA.id}'`,
	);
	const report = await fixture.run();
	expect(report.people[0]?.notes.join()).toContain('another key than doce');
	const { left } = await remove();
	expect(left[0]?.why).toBe('doce does not hold the present key of Ada.');
	const [row] = fixture.old.database
		.prepare('select openrouter_api_key as k from user_settings order by user_id')
		.all();
	expect(row?.['k']).toBe('sk-or-v1-changed-since');
});
