import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADA, BOB, CID, MODEL } from '../../../test/fakes/legacyData.ts';
import { encodings, findInFiles } from '../../../test/harness/sweep.ts';
import { forgetCredentials } from '../auth/keys/rotation.ts';
import { findSettings, legacyConnectionId, openLegacyKey } from '../auth/legacy/legacyKey.ts';
import { disconnectProvider } from '../auth/providers.ts';
import { projectPaths } from '../projects/paths.ts';
import { findUserByName } from '../users/users.ts';
import { type Fixture, openFixture } from './testing/fixture.ts';

let fixture: Fixture;

beforeEach(async () => {
	fixture = await openFixture();
});
afterEach(() => fixture.close());

const FROM = { address: '127.0.0.1', userAgent: 'a test' };

test('everything comes over, and the report says what did and what could not', async () => {
	await fixture.signIn.createFirstAdmin('root', 'correct horse');
	const report = await fixture.run();
	expect(report.summary).toBe('3 people and 5 projects came over.');
	expect(report.people).toMatchObject([
		{ name: 'Ada', username: 'ada', role: 'member', key: 'sealed', notes: [`Default model: ${MODEL}.`] },
		{ name: 'bob b', username: 'bob-b', role: 'member', key: 'sealed' },
		{ name: 'cid', username: 'cid', role: 'member', key: 'none' },
	]);
	expect(report.projects.map(({ name, owner, slug, workspace }) => [name, owner, slug, workspace])).toEqual([
		['Bäckerei', 'ada', 'backerei-gro-e', 'copied'],
		['Moved', 'ada', 'moved', 'copied'],
		['Far', 'bob-b', 'far', 'copied'],
		['Half', 'cid', 'half', 'missing'],
		['Hostile', 'cid', 'hostile', 'refused'],
	]);
	expect(report.skipped).toEqual({ deletedProjects: 1, sessions: 3, queueJobs: 16 });
	expect(report.projects[0]?.notes.join('\n')).toMatch(/slug "bäckerei-größe" became/);
	expect(report.projects[3]?.notes.join('\n')).toMatch(
		/not found at projects\/prj_half.*never sent.*has to connect openrouter/s,
	);
	expect(report.projects[4]?.notes.join('\n')).toMatch(/not taken: it lies outside/);
	expect(report.plainKeys.map(({ path, kind }) => [path.replace(`${fixture.root}/`, ''), kind])).toEqual([
		['old/data/db.sqlite', 'database'],
		['old/data/projects/prj_bakery/.env', 'env'],
		['old/data/projects/prj_bakery/docker-compose.yml', 'file'],
		['old/data/projects/prj_moved/.env', 'env'],
		['old/elsewhere/far/.env', 'env'],
		['old/data/projects/prj_gone/.env', 'env'],
	]);
});

test('people sign in with their old password, and with no other', async () => {
	await fixture.run();
	expect(await fixture.signIn.signIn('Ada', ADA.password, FROM)).not.toHaveLength(0);
	expect(await fixture.signIn.signIn('bob-b', BOB.password, FROM)).not.toHaveLength(0);
	expect(await fixture.signIn.signIn('cid', CID.password, FROM)).not.toHaveLength(0);
	await expect(fixture.signIn.signIn('cid', ADA.password, FROM)).rejects.toThrow('do not match');
	expect(await fixture.db.selectFrom('user_sessions').select('id').execute()).toHaveLength(3);
});

test('keys are sealed the moment they are read, and nothing of doce holds one in plain text', async () => {
	await fixture.run();
	const ada = await findUserByName(fixture.db, 'ada');
	const settings = await findSettings(fixture.db, ada?.id ?? '');
	expect(
		(await openLegacyKey(fixture.db, fixture.keyring, ada?.id ?? '', settings?.openrouter_api_key ?? '')).reveal(),
	).toBe(ADA.key);
	expect(settings).toMatchObject({ default_model_id: MODEL, migration_completed_at: null });
	expect(findInFiles(fixture.dataDir, [ADA.key, BOB.key].flatMap(encodings))).toEqual([]);
});

test('a workspace comes with its files, without secrets, packages, history, and links that lead out', async () => {
	const report = await fixture.run();
	const { id } = await fixture.projectNamed('Bäckerei');
	const { workspace } = projectPaths(fixture.dataDir, id);
	const files = readdirSync(workspace, { recursive: true }).sort();
	expect(files).toEqual([
		'.env.example',
		'package.json',
		'public',
		'public/logo.svg',
		'src',
		'src/logo.svg',
		'src/pages',
		'src/pages/index.astro',
	]);
	expect(lstatSync(join(workspace, 'src/logo.svg')).isSymbolicLink()).toBe(true);
	expect(readlinkSync(join(workspace, 'src/logo.svg'))).toBe('../public/logo.svg');
	expect(report.projects[0]?.notes.join('\n')).toMatch(/leak\.txt/);
	expect(existsSync(join(fixture.old.folder, 'projects/prj_bakery/.env'))).toBe(true);
	expect(readdirSync(fixture.dataDir).filter((name) => name.startsWith('import-'))).toEqual([]);
});

test('a site that was built does not get its first prompt again; a half-created one still gets it', async () => {
	await fixture.run();
	const built = await fixture.projectNamed('Bäckerei');
	const half = await fixture.projectNamed('Half');
	expect([built.status, half.status, built.current_model_id]).toEqual(['stopped', 'stopped', MODEL]);
	const jobs = await fixture.db.selectFrom('jobs').selectAll().execute();
	expect(jobs.every(({ type, state }) => type === 'opencode.sendInitialPrompt' && state === 'succeeded')).toBe(true);
	expect(jobs.map(({ project_id }) => project_id)).toContain(built.id);
	expect(jobs.map(({ project_id }) => project_id)).not.toContain(half.id);
	const messages = await fixture.db.selectFrom('messages').selectAll().where('project_id', '=', half.id).execute();
	expect(messages.map(({ role, parts }) => [role, JSON.parse(parts)[0].text])).toEqual([['user', 'A site about Half']]);
});

test('imported twice, nothing is doubled, and what people changed since stays', async () => {
	await fixture.run();
	const first = await fixture.everything();
	const second = await fixture.run();
	expect(await fixture.everything()).toEqual(first);
	expect(second.summary).toMatch(/^0 people and 0 projects came over\. 3 people and 5 projects had come over before/);
	const { db } = fixture;
	const ada = await findUserByName(db, 'ada');
	await db.updateTable('projects').set({ name: 'Renamed' }).where('name', '=', 'Moved').execute();
	await db.deleteFrom('projects').where('name', '=', 'Far').execute();
	const person = { id: ada?.id ?? '', role: 'member', actor: `user:${ada?.id}` } as const;
	await disconnectProvider(fixture, person, legacyConnectionId(person.id));
	const changed = await fixture.everything();
	const third = await fixture.run();
	expect(await fixture.everything()).toEqual(changed);
	expect(third.people[0]).toMatchObject({ outcome: 'unchanged', key: 'removed' });
	expect(third.projects.map(({ outcome }) => outcome)).toEqual([
		'unchanged',
		'unchanged',
		'removed',
		'unchanged',
		'unchanged',
	]);
	fixture.old.database.exec(`insert into projects (id, owner_user_id, created_at, name, slug, prompt, status, path_on_disk)
		values ('prj_new', '${ADA.id}', 1735700000, 'New', 'new', 'A new one', 'running', 'projects/prj_new')`);
	expect((await fixture.run()).summary).toMatch(/^0 people and 1 project came over/);
});

test('a key that was lost with the encryption key comes again', async () => {
	await fixture.run();
	await forgetCredentials(fixture.db);
	fixture.keyring = await fixture.openKeys();
	const report = await fixture.run();
	expect(report.people.map(({ outcome, key }) => [outcome, key])).toEqual([
		['unchanged', 'sealed'],
		['unchanged', 'sealed'],
		['unchanged', 'none'],
	]);
});

test('a name that is taken gets another one; with a word the same name is the same person', async () => {
	await fixture.signIn.createFirstAdmin('ada', 'correct horse');
	const report = await fixture.run();
	expect(report.people[0]).toMatchObject({ username: 'ada-2', outcome: 'imported' });
	expect(report.people[0]?.notes[0]).toContain('"ada" is taken');
	// Later the word changes nothing: the two have been taken for two.
	expect((await fixture.run({ matchUsers: true })).people[0]).toMatchObject({
		username: 'ada-2',
		outcome: 'unchanged',
	});
});

test('with the word, a namesake gets the key and the projects, and keeps the password of doce', async () => {
	await fixture.signIn.createFirstAdmin('ada', 'correct horse');
	const report = await fixture.run({ matchUsers: true });
	expect(report.people[0]).toMatchObject({ username: 'ada', outcome: 'matched', role: 'admin', key: 'sealed' });
	const admin = await findUserByName(fixture.db, 'ada');
	expect((await fixture.projectNamed('Bäckerei')).user_id).toBe(admin?.id);
	await expect(fixture.signIn.signIn('ada', ADA.password, FROM)).rejects.toThrow('do not match');
	const before = await fixture.everything();
	expect((await fixture.run()).people[0]).toMatchObject({ username: 'ada', outcome: 'unchanged' });
	expect(await fixture.everything()).toEqual(before);
});

test('where doce has no admin, the oldest account becomes it, and the report says so', async () => {
	const report = await fixture.run();
	expect(report.people.map(({ role }) => role)).toEqual(['admin', 'member', 'member']);
	expect(report.people[0]?.notes.join()).toContain('Is the admin');
});

test('a queue of 200 MB is counted, not read, while the old application still writes', async () => {
	fixture.rewriteOld({ queueMegabytes: 200 });
	const { file } = fixture.old;
	expect(lstatSync(file).size).toBeGreaterThan(200e6);
	expect(lstatSync(`${file}-wal`).size).toBeGreaterThan(0);
	const before = process.memoryUsage().rss;
	const report = await fixture.run();
	expect(process.memoryUsage().rss - before).toBeLessThan(120e6);
	expect(report.skipped.queueJobs).toBe(3200);
	expect(report.summary).toBe('3 people and 5 projects came over.');
}, 120_000);
