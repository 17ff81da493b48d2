import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAudit } from '../../audit/audit.ts';
import { getConnection, metadataOf } from '../connections.ts';
import { connectProvider, type ProvidersDeps } from '../providers.ts';
import { documentFor, type FakeOrganisation, startOrganisation } from '../testing/fakeOrganisation.ts';
import { ADA, ANTHROPIC, BOB, directoryOf, type Fixture, openFixture, openKey } from '../testing/fixture.ts';
import { refreshWellKnown } from './refresh.ts';

const TOKEN = 'corp-token-K7Qz9xW2mB4v';
const NEW = 'corp-token-new-0123456789';
let fixture: Fixture;
let corp: FakeOrganisation;
let elsewhere: FakeOrganisation;
let deps: ProvidersDeps;

beforeEach(async () => {
	fixture = await openFixture();
	corp = await startOrganisation([TOKEN]);
	elsewhere = await startOrganisation([NEW]);
	corp.document = documentFor(corp.baseURL);
	deps = {
		db: fixture.db,
		keyring: await fixture.openKeys(),
		directory: directoryOf(ANTHROPIC),
		probeTimeoutMs: 2_000,
	};
});
afterEach(async () => {
	await corp.close();
	await elsewhere.close();
	await fixture.close();
});

const connect = () =>
	connectProvider(deps, ADA, { providerId: 'corp', authType: 'wellknown', url: corp.url, token: TOKEN, local: true });
const refresh = (connectionId: string, more: object = {}) => refreshWellKnown(deps, ADA, { connectionId, ...more });
const jobs = () => fixture.db.selectFrom('jobs').selectAll().execute();
const keyOf = async (id: string) => (await openKey(fixture.db, deps.keyring, id)).key;

test('new models of the same address are taken over, audited, and reach projects without the token', async () => {
	const row = await connect();
	corp.document = documentFor(corp.baseURL, { provider: { models: { 'fake-2': {} } } });
	const { connection, changed, tokenNeededFor } = await refresh(row.id);
	expect([changed, tokenNeededFor, connection.version]).toEqual([true, [], 2]);
	expect(metadataOf(connection).wellKnown?.models.map(({ id }) => id)).toEqual(['fake-2']);
	expect(await keyOf(row.id)).toBe(TOKEN);
	expect(await jobs()).toHaveLength(2);
	const [entry] = await listAudit(fixture.db, { connectionId: row.id, limit: 1 });
	expect(entry).toMatchObject({ action: 'connection.refreshed', detail: { changed: true } });
});

test('an unchanged document changes the time of reading alone', async () => {
	const row = await connect();
	const { connection, changed } = await refresh(row.id);
	expect([changed, connection.version]).toEqual([false, 1]);
	expect(metadataOf(connection).wellKnown?.readAt).toBeGreaterThanOrEqual(metadataOf(row).wellKnown?.readAt ?? 0);
	expect(await jobs()).toHaveLength(1);
	expect(await keyOf(row.id)).toBe(TOKEN);
});

test('an address that moved asks for the token again, and until then everything stays', async () => {
	const row = await connect();
	corp.document = documentFor(elsewhere.baseURL);
	expect(await refresh(row.id)).toEqual({ connection: row, changed: false, tokenNeededFor: [elsewhere.url] });
	expect(await getConnection(fixture.db, ADA.id, row.id)).toEqual(row);
	expect(elsewhere.seen).toEqual([]);
	await expect(refresh(row.id, { token: TOKEN })).rejects.toThrow('rejected the key');
	expect(await getConnection(fixture.db, ADA.id, row.id)).toEqual(row);
	const { connection } = await refresh(row.id, { token: NEW });
	expect(connection).toMatchObject({ base_url: elsewhere.baseURL, version: 2, status: 'connected' });
	expect(await keyOf(row.id)).toBe(NEW);
});

test('an address in an option, of one model, or of the second part asks for the token again, too', async () => {
	const row = await connect();
	const options = { baseURL: corp.baseURL, apiKey: '{env:CORP_TOKEN}' };
	const byOption = { provider: { options: { ...options, endpoint: elsewhere.url } } };
	const byModel = {
		provider: {
			api: corp.baseURL,
			options: { apiKey: '{env:CORP_TOKEN}' },
			models: { m: { provider: { api: elsewhere.baseURL } } },
		},
	};
	for (const more of [byOption, byModel]) {
		corp.document = documentFor(corp.baseURL, more);
		expect((await refresh(row.id)).tokenNeededFor).toEqual([elsewhere.url]);
	}
	const remote_config = { url: `${elsewhere.url}/rest`, headers: { authorization: 'Bearer {env:CORP_TOKEN}' } };
	corp.document = { ...documentFor(corp.baseURL), remote_config };
	expect((await refresh(row.id)).tokenNeededFor).toEqual([elsewhere.url]);
	expect(elsewhere.seen).toEqual([]);
	expect(await getConnection(fixture.db, ADA.id, row.id)).toEqual(row);
});

test('a second part that the token opens is read with the stored one, at the place it was given for', async () => {
	const remote_config = { url: `${corp.url}/rest`, headers: { authorization: 'Bearer {env:CORP_TOKEN}' } };
	corp.document = { ...documentFor(corp.baseURL), remote_config };
	corp.others['/rest'] = {};
	const row = await connect();
	corp.others['/rest'] = { provider: { corp: { models: { 'fake-2': {} } } } };
	const { connection } = await refresh(row.id);
	expect(metadataOf(connection).wellKnown?.models.map(({ id }) => id)).toEqual(['fake-1', 'fake-2']);
});

test('what cannot be read or is gone leaves the stored copy in use, and says so', async () => {
	const row = await connect();
	corp.document = { auth: { env: 'CORP_TOKEN' } };
	await expect(refresh(row.id)).rejects.toThrow('configures none. The stored configuration stays in use.');
	corp.document = documentFor('http://169.254.169.254/v1');
	await expect(refresh(row.id)).rejects.toThrow('never calls');
	await corp.close();
	await expect(refresh(row.id)).rejects.toMatchObject({
		code: 'unavailable',
		message: expect.stringMatching(/connection refused.*stays in use/),
	});
	expect(await getConnection(fixture.db, ADA.id, row.id)).toEqual(row);
	expect(await keyOf(row.id)).toBe(TOKEN);
});

test('only the owner refreshes, and only what an organisation configures', async () => {
	const row = await connect();
	await expect(refreshWellKnown(deps, BOB, { connectionId: row.id })).rejects.toMatchObject({ code: 'not_found' });
	const custom = { name: 'Mine', baseURL: elsewhere.baseURL, models: [{ id: 'fake-1' }], local: true };
	const mine = await connectProvider(deps, ADA, { providerId: 'mine', authType: 'api', apiKey: NEW, custom });
	await expect(refresh(mine.id)).rejects.toThrow('not configured by an organisation');
});

test('a configuration altered in the database does not open the token', async () => {
	const row = await connect();
	const tampered = (change: (metadata: string) => string) =>
		fixture.db
			.updateTable('provider_connections')
			.set({ metadata: change(row.metadata) })
			.execute();
	await tampered((text) => text.replace('"options":{}', '"options":{"endpoint":"https://evil.example"}'));
	await expect(keyOf(row.id)).rejects.toMatchObject({ code: 'unavailable' });
	await tampered((text) => text.replace('"id":"fake-1"', '"id":"fake-1","provider":{"api":"https://evil.example"}'));
	await expect(keyOf(row.id)).rejects.toMatchObject({ code: 'unavailable' });
	await tampered((text) => text);
	expect(await keyOf(row.id)).toBe(TOKEN);
});
