import { afterEach, beforeEach, expect, test } from 'vitest';
import { activateConnection } from '../auth/accounts/accounts.ts';
import { type ConnectionRow, getConnection } from '../auth/connections.ts';
import { connectProvider, type ProvidersDeps } from '../auth/providers.ts';
import { ADA, ANTHROPIC, directoryOf, type Fixture, OPENAI, openFixture } from '../auth/testing/fixture.ts';
import type { Row, RowUpdate } from '../db/schema.ts';
import { addRecord } from '../usage/testing/records.ts';
import { openReceipts } from './receipts.ts';
import { listConnectionProjects, viewConnectionsOf } from './usage.ts';

let fixture: Fixture;
let deps: ProvidersDeps;
let work: ConnectionRow;
let home: ConnectionRow;

beforeEach(async () => {
	fixture = await openFixture();
	const keyring = await fixture.openKeys();
	deps = { db: fixture.db, keyring, directory: directoryOf(ANTHROPIC, OPENAI) };
	work = await connect('Work');
	home = await connect('Home');
});

afterEach(() => fixture.close());

const connect = (label: string) =>
	connectProvider(deps, ADA, {
		providerId: 'anthropic',
		authType: 'api',
		apiKey: `sk-${label}-1234567890abcd`,
		label,
		skipTest: true,
	});

async function addProject(name: string, more: RowUpdate<'projects'> = {}): Promise<void> {
	const now = Date.now();
	const times = { last_active_at: now, created_at: now, updated_at: now };
	const model = { current_model_provider_id: 'anthropic', current_model_id: 'fake-1' };
	const facts = { prompt: 'a site', status: 'running', runtime: 'process' } as const;
	const values = { id: name, user_id: ADA.id, name, slug: name, ...facts, ...model, ...times };
	await fixture.db.insertInto('projects').values(values).execute();
	await fixture.db
		.updateTable('projects')
		.set({ id: name, ...more })
		.where('id', '=', name)
		.execute();
}

async function deliver(project: string, more: Partial<Row<'credential_deliveries'>> = {}): Promise<void> {
	const held = { project_id: project, provider_id: 'anthropic', connection_id: work.id, version: 1 };
	const state = { state: 'delivered', delivered_at: 1_700_000_000_000, error: null } as const;
	await fixture.db
		.insertInto('credential_deliveries')
		.values({ ...held, ...state, ...more })
		.execute();
}

const counts = async () => {
	const rows = [await getConnection(fixture.db, ADA.id, work.id), await getConnection(fixture.db, ADA.id, home.id)];
	return (await viewConnectionsOf(deps, rows)).map((view) => [view.label, view.projectCount]);
};
const standings = async (row: ConnectionRow) =>
	(await listConnectionProjects(fixture.db, await getConnection(fixture.db, ADA.id, row.id))).map(
		({ name, state, version, detail }) => `${name}: ${state} ${version} ${detail}`,
	);

test('projects count for the account in use, and for the one that stands in', async () => {
	await addProject('blog');
	await addProject('shop');
	await addProject('gone', { status: 'deleting' });
	await addProject('other', { current_model_provider_id: 'openai' });
	expect(await counts()).toEqual([
		['Work', 2],
		['Home', 0],
	]);
	await activateConnection(fixture.db, ADA, home.id);
	await fixture.db.updateTable('projects').set({ fallback_connection_id: work.id }).where('id', '=', 'other').execute();
	expect(await counts()).toEqual([
		['Work', 1],
		['Home', 2],
	]);
});

test('each project tells what it holds of a connection', async () => {
	for (const name of ['asleep', 'busy', 'fine', 'old', 'refused']) await addProject(name);
	await deliver('fine');
	await deliver('old', { version: 0 });
	await deliver('busy', { version: 0 });
	await deliver('refused', { state: 'failed', error: 'OpenCode did not answer' });
	const busy = { connection: work, projects: [{ id: 'busy' }], kind: 'deliver' as const, detail: 'after its turn' };
	await openReceipts(fixture.db, busy);
	expect(await standings(work)).toEqual([
		'asleep: none null null',
		'busy: pending 0 after its turn',
		'fine: delivered 1 null',
		'old: pending 0 null',
		'refused: failed 1 OpenCode did not answer',
	]);
	expect(await standings(home)).toEqual([]);
});

test('an account that is not used any more is listed where it is still held', async () => {
	await addProject('blog');
	await addProject('shop');
	await deliver('blog');
	await activateConnection(fixture.db, ADA, home.id);
	expect(await standings(work)).toEqual(['blog: delivered 1 null']);
	expect(await standings(home)).toEqual(['blog: none null null', 'shop: none null null']);
});

test('a trouble names the project in which it was seen', async () => {
	await addProject('blog', { name: 'My blog' });
	await fixture.db
		.updateTable('provider_connections')
		.set({ problem_at: 1_700_000_000_000, problem_project_id: 'blog' })
		.where('id', '=', work.id)
		.execute();
	const view = async () => (await viewConnectionsOf(deps, [await getConnection(fixture.db, ADA.id, work.id)]))[0];
	expect(await view()).toMatchObject({ problemProjectId: 'blog', problemProjectName: 'My blog' });
	await fixture.db.deleteFrom('projects').where('id', '=', 'blog').execute();
	expect(await view()).toMatchObject({ problemProjectId: 'blog', problemProjectName: null });
});

test('each connection tells what it cost this month', async () => {
	await addRecord(fixture.db, { connection_id: work.id, usd: 0.25 });
	await addRecord(fixture.db, { connection_id: work.id, usd: 0.5, project_id: 'another' });
	await addRecord(fixture.db, { connection_id: work.id, usd: 9, at: Date.now() - 40 * 86_400_000 });
	expect((await viewConnectionsOf(deps, [work, home])).map(({ costThisMonth }) => costThisMonth)).toEqual([0.75, 0]);
});
