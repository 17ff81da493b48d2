import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import { listAudit } from '../../audit/audit.ts';
import { enqueue } from '../../queue/enqueue.ts';
import { getPreferredProvider, listConnections } from '../connections.ts';
import { legacyConnectionId, storeLegacyKey } from '../legacy/legacyKey.ts';
import { connectProvider, type ProvidersDeps } from '../providers.ts';
import { ADA, ANTHROPIC, BOB, directoryOf, type Fixture, OPENAI, openFixture } from '../testing/fixture.ts';
import { activateConnection, orderConnections } from './accounts.ts';
import { getFallback, setFallback } from './fallback.ts';

let fixture: Fixture;
let deps: ProvidersDeps;
let keys = 0;

beforeEach(async () => {
	fixture = await openFixture();
	const keyring = await fixture.openKeys();
	deps = { db: fixture.db, keyring, directory: directoryOf(ANTHROPIC, OPENAI) };
});

afterEach(() => fixture.close());

const connect = (providerId: string, label: string) =>
	connectProvider(deps, ADA, {
		providerId,
		authType: 'api',
		apiKey: `sk-account-${keys++}-1234567890`,
		label,
		skipTest: true,
	});
const labels = async () => (await listConnections(fixture.db, ADA.id)).map((row) => row.label);
const inUse = async () => (await listConnections(fixture.db, ADA.id)).filter((row) => row.active === 1);
const credentialJobs = async () =>
	(await fixture.db.selectFrom('jobs').selectAll().where('type', '=', 'credentials.changed').execute()).length;

test('another account is used from now on, without its key, and projects learn of it', async () => {
	const work = await connect('anthropic', 'Work');
	const home = await connect('anthropic', 'Home');
	const openai = await connect('openai', 'Team');
	const before = await credentialJobs();
	const accounts = await activateConnection(fixture.db, ADA, home.id);
	expect(accounts.map((row) => [row.label, row.active, row.version])).toEqual([
		['Work', 0, 1],
		['Home', 1, 1],
	]);
	expect((await inUse()).map((row) => row.id).sort()).toEqual([home.id, openai.id].sort());
	expect(await credentialJobs()).toBe(before + 1);
	const [entry] = await listAudit(fixture.db, { connectionId: home.id, limit: 1 });
	expect(entry).toMatchObject({ action: 'connection.activated', actor: ADA.actor, detail: { insteadOf: 'Work' } });
	expect(work.id).not.toBe(home.id);
});

test('the account that is in use already is left alone', async () => {
	const work = await connect('anthropic', 'Work');
	const before = await credentialJobs();
	await activateConnection(fixture.db, ADA, work.id);
	expect(await credentialJobs()).toBe(before);
	expect((await listAudit(fixture.db, { connectionId: work.id, limit: 1 }))[0]?.action).toBe('connection.connected');
});

test('what waited for the former account goes on with the new one', async () => {
	const work = await connect('anthropic', 'Work');
	const home = await connect('anthropic', 'Home');
	const { jobId } = await enqueue(fixture.db, { type: 'chat.sendPrompt', payload: {}, userId: ADA.id });
	await fixture.db
		.updateTable('jobs')
		.set({ state: 'waiting_for_credential', waiting_for_connection_id: work.id })
		.where('id', '=', jobId)
		.execute();
	await activateConnection(fixture.db, ADA, home.id);
	const job = await fixture.db.selectFrom('jobs').selectAll().where('id', '=', jobId).executeTakeFirstOrThrow();
	expect([job.state, job.waiting_for_connection_id]).toEqual(['queued', null]);
});

test('an account is switched by its owner alone', async () => {
	const work = await connect('anthropic', 'Work');
	await expect(activateConnection(fixture.db, BOB, work.id)).rejects.toMatchObject({ code: 'not_found' });
});

test('the order of preference is the person’s, and the default provider is not moved by it', async () => {
	const ids = [];
	for (const [providerId, label] of [
		['anthropic', 'A'],
		['openai', 'B'],
		['anthropic', 'C'],
	] as const)
		ids.push((await connect(providerId, label)).id);
	const [a = '', b = '', c = ''] = ids;
	expect(await labels()).toEqual(['A', 'B', 'C']);
	const rows = await orderConnections(fixture.db, ADA, [c, a, b]);
	expect(rows.map((row) => [row.label, row.position])).toEqual([
		['C', 1],
		['A', 2],
		['B', 3],
	]);
	expect(await getPreferredProvider(fixture.db, ADA.id)).toBe('anthropic');
	await connect('openai', 'D');
	expect(await labels()).toEqual(['C', 'A', 'B', 'D']);
	expect((await listAudit(fixture.db, { userId: ADA.id, limit: 3 })).map((entry) => entry.action)).toContain(
		'settings.connectionOrder',
	);
});

test('an order that does not name every connection once is refused, and changes nothing', async () => {
	const a = await connect('anthropic', 'A');
	const b = await connect('openai', 'B');
	for (const ids of [[a.id], [a.id, a.id], [b.id, a.id, 'another'], [b.id, 'another'], []])
		await expect(orderConnections(fixture.db, ADA, ids)).rejects.toMatchObject({ code: 'conflict' });
	await expect(orderConnections(fixture.db, BOB, [b.id, a.id])).rejects.toMatchObject({ code: 'conflict' });
	expect(await labels()).toEqual(['A', 'B']);
});

test('a legacy key is the last in every order, named or not', async () => {
	const a = await connect('anthropic', 'A');
	const b = await connect('openai', 'B');
	await storeLegacyKey(fixture.db, deps.keyring, ADA.id, new Secret('sk-or-v1-legacy-1234567890'));
	const legacy = legacyConnectionId(ADA.id);
	await orderConnections(fixture.db, ADA, [legacy, b.id, a.id]);
	expect(await labels()).toEqual(['B', 'A', 'Legacy key']);
	await orderConnections(fixture.db, ADA, [a.id, b.id]);
	expect(await labels()).toEqual(['A', 'B', 'Legacy key']);
});

test('a prompt goes on with another provider unless its person has said otherwise', async () => {
	expect(await getFallback(fixture.db, ADA.id)).toEqual({ mode: 'automatic', returns: true });
	expect(await setFallback(fixture.db, ADA, { mode: 'ask', returns: false })).toEqual({ mode: 'ask', returns: false });
	expect(await setFallback(fixture.db, ADA, { mode: 'off' })).toEqual({ mode: 'off', returns: false });
	expect(await getFallback(fixture.db, ADA.id)).toEqual({ mode: 'off', returns: false });
	expect(await getFallback(fixture.db, BOB.id)).toEqual({ mode: 'automatic', returns: true });
	const [entry] = await listAudit(fixture.db, { userId: ADA.id, limit: 1 });
	expect(entry).toMatchObject({ action: 'settings.fallback', detail: { mode: 'off', returns: false } });
});

test('the fallback setting leaves the default provider as it is', async () => {
	await connect('anthropic', 'Work');
	await setFallback(fixture.db, ADA, { mode: 'ask' });
	expect(await getPreferredProvider(fixture.db, ADA.id)).toBe('anthropic');
});
