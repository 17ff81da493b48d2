import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { Secret } from '#server/secret.ts';
import {
	findConnection,
	findConnectionForProvider,
	getPreferredProvider,
	listConnections,
	markConnectionUsed,
} from '../connections.ts';
import type { Keyring } from '../keys/keyring.ts';
import { rotateDataKey } from '../keys/rotation.ts';
import { connectProvider, disconnectProvider, testConnection, updateConnection } from '../providers.ts';
import { reportStatus } from '../status.ts';
import { ADA, directoryOf, type Fixture, OPENAI, openFixture, openKey } from '../testing/fixture.ts';
import { viewConnections } from '../views.ts';
import { findSettings, legacyConnectionId, storeLegacyKey } from './legacyKey.ts';
import { canMigrate, migrateAtSignIn, migrateToProviders } from './migration.ts';

const KEY = 'sk-or-v1-the-old-key-abcd';
const OPENROUTER = { ...OPENAI, id: 'openrouter', name: 'OpenRouter', npm: '@openrouter/ai-sdk-provider' };
const LEGACY = legacyConnectionId(ADA.id);

let fixture: Fixture;
let keyring: Keyring;

beforeEach(async () => {
	fixture = await openFixture();
	keyring = await fixture.openKeys();
	await storeLegacyKey(fixture.db, keyring, ADA.id, new Secret(KEY));
});
afterEach(() => fixture.close());

const deps = () => ({
	db: fixture.db,
	keyring,
	directory: directoryOf(OPENROUTER, OPENAI),
	logger: createLogger('silent'),
});
const connect = (providerId: string, apiKey: string) =>
	connectProvider(deps(), ADA, { providerId, authType: 'api', apiKey, skipTest: true });
const user = { id: ADA.id, name: 'ada', role: ADA.role };
const list = async () => (await listConnections(fixture.db, ADA.id)).map(({ id, label }) => [id, label]);

test('a legacy key passes for a connection, with its own provider alone, and opens', async () => {
	const [row] = await listConnections(fixture.db, ADA.id);
	expect(row).toMatchObject({ id: LEGACY, provider_id: 'openrouter', delivery: 'direct', active: 1 });
	expect(await findConnection(fixture.db, LEGACY)).toEqual(row);
	expect(await findConnectionForProvider(fixture.db, ADA.id, 'openrouter')).toEqual(row);
	expect((await openKey(fixture.db, keyring, LEGACY)).key).toBe(KEY);
	const [view] = await viewConnections(deps(), row === undefined ? [] : [row], () => 2);
	expect(view).toMatchObject({ legacy: true, providerName: 'OpenRouter', reason: 'not_tested', projectCount: 2 });
	expect(JSON.stringify(view)).not.toContain(KEY);
	await connect('openai', 'sk-openai-1234567890');
	expect((await list()).map(([id]) => id)).toContain(LEGACY);
});

test('a connection wins over it, and is the account in use', async () => {
	const row = await connect('openrouter', 'sk-or-v1-a-new-key-wxyz');
	expect(row.active).toBe(1);
	expect(await list()).toEqual([[row.id, 'Default']]);
	expect(await findConnection(fixture.db, LEGACY)).toBeUndefined();
	expect(await canMigrate(fixture.db, ADA.id)).toBe(true);
});

test('it tells what real use has shown, and a cure resumes what waits for it', async () => {
	const row = await findConnection(fixture.db, LEGACY);
	if (row === undefined) throw new Error('There is no legacy key.');
	await markConnectionUsed(fixture.db, LEGACY);
	expect(await reportStatus(fixture.db, row, { reason: 'unreachable', message: 'no' })).toBe(true);
	expect(await findConnection(fixture.db, LEGACY)).toMatchObject({ status: 'error', reason: 'unreachable' });
	const result = await testConnection({ ...deps(), probeTimeoutMs: 1 }, ADA, LEGACY);
	expect(result.ok).toBe(false);
	expect(await reportStatus(fixture.db, row, undefined)).toBe(true);
	expect(await findConnection(fixture.db, LEGACY)).toMatchObject({ status: 'connected', reason: null });
	const jobs = await fixture.db.selectFrom('jobs').select('type').execute();
	expect(new Set(jobs.map(({ type }) => type))).toEqual(new Set(['connection.recheck', 'credentials.changed']));
});

test('upgraded, it is a connection with the same key; asked again, the same; the sealed value stays', async () => {
	const first = await migrateToProviders(deps(), ADA);
	const { connection } = first;
	expect(connection).toMatchObject({ provider_id: 'openrouter', last_four: 'abcd', active: 1, reason: 'not_tested' });
	expect((await openKey(fixture.db, keyring, connection?.id ?? '')).key).toBe(KEY);
	expect(await migrateToProviders(deps(), ADA)).toEqual(first);
	expect(await list()).toEqual([[connection?.id, 'Imported']]);
	expect(await getPreferredProvider(fixture.db, ADA.id)).toBe('openrouter');
	const settings = await findSettings(fixture.db, ADA.id);
	expect(settings).toMatchObject({ provider_auth_initialized: 1, migration_completed_at: first.migratedAt });
	expect(settings?.openrouter_api_key).not.toBeNull();
	expect(settings?.openrouter_api_key).not.toContain(KEY);
	const jobs = await fixture.db.selectFrom('jobs').select(['type', 'payload']).execute();
	expect(jobs.map(({ type, payload }) => [type, JSON.parse(payload).connectionId])).toEqual([
		['credentials.changed', connection?.id],
	]);
});

test('somebody without a legacy key is noted as migrated, once', async () => {
	await fixture.db.updateTable('user_settings').set({ openrouter_api_key: null }).execute();
	const first = await migrateToProviders(deps(), ADA);
	expect(first.connection).toBeUndefined();
	expect(await migrateToProviders(deps(), ADA)).toEqual(first);
});

test('a key that was connected by hand before is not connected twice; another one becomes a second account', async () => {
	const same = await connect('openrouter', KEY);
	const first = await migrateToProviders(deps(), ADA);
	expect(first.connection?.id).toBe(same.id);
	expect(await migrateToProviders(deps(), ADA)).toEqual(first);
	await fixture.db.deleteFrom('provider_connections').execute();
	await storeLegacyKey(fixture.db, keyring, ADA.id, new Secret(KEY));
	const other = await connect('openrouter', 'sk-or-v1-a-new-key-wxyz');
	const { connection } = await migrateToProviders(deps(), ADA);
	expect(connection).toMatchObject({ active: 0, label: 'Imported' });
	expect((await findConnectionForProvider(fixture.db, ADA.id, 'openrouter'))?.id).toBe(other.id);
});

test('the first sign-in leaves the offer, the next one upgrades', async () => {
	expect(await migrateAtSignIn(deps(), user)).toBeUndefined();
	expect(await canMigrate(fixture.db, ADA.id)).toBe(true);
	expect(await migrateAtSignIn(deps(), user)).toMatchObject({ provider_id: 'openrouter' });
	expect(await canMigrate(fixture.db, ADA.id)).toBe(false);
	expect(await migrateAtSignIn(deps(), user)).toBeUndefined();
});

test('a key that cannot be opened keeps nobody from signing in', async () => {
	await fixture.db.updateTable('user_settings').set({ openrouter_api_key: 'damaged' }).execute();
	await migrateAtSignIn(deps(), user);
	expect(await migrateAtSignIn(deps(), user)).toBeUndefined();
	await expect(migrateToProviders(deps(), ADA)).rejects.toThrow('could not be decrypted');
});

test('edited it becomes a connection first; made the default it stays what it is', async () => {
	expect((await updateConnection(deps(), ADA, { connectionId: LEGACY, preferred: true })).id).toBe(LEGACY);
	expect(await getPreferredProvider(fixture.db, ADA.id)).toBe('openrouter');
	const row = await updateConnection(deps(), ADA, {
		connectionId: LEGACY,
		apiKey: 'sk-or-v1-newer-1234',
		skipTest: true,
	});
	expect(row).toMatchObject({ last_four: '1234', label: 'Imported' });
	expect(await list()).toEqual([[row.id, 'Imported']]);
});

test('disconnected, the sealed key is gone, also the copy of an upgraded one', async () => {
	await disconnectProvider(deps(), ADA, LEGACY);
	expect((await findSettings(fixture.db, ADA.id))?.openrouter_api_key).toBeNull();
	expect(await list()).toEqual([]);
	await storeLegacyKey(fixture.db, keyring, ADA.id, new Secret(KEY));
	const { connection } = await migrateToProviders(deps(), ADA);
	await disconnectProvider(deps(), ADA, connection?.id ?? '');
	expect((await findSettings(fixture.db, ADA.id))?.openrouter_api_key).toBeNull();
	expect(await list()).toEqual([]);
});

test('a rotated data key opens it again, also for a process that has not noticed', async () => {
	const other = await fixture.openKeys();
	await rotateDataKey(fixture.db, other);
	expect((await openKey(fixture.db, keyring, LEGACY)).key).toBe(KEY);
});
