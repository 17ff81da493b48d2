import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import type { ConnectProviderInput } from '#shared/providers.ts';
import { listAudit } from '../audit/audit.ts';
import { setPreferredProvider } from './connectionChanges.ts';
import {
	findConnectionByKey,
	findConnectionForProvider,
	getConnection,
	getPreferredProvider,
	listConnections,
	markConnectionUsed,
	metadataOf,
	openCredential,
} from './connections.ts';
import {
	connectProvider,
	disconnectProvider,
	type ProvidersDeps,
	testConnection,
	updateConnection,
} from './providers.ts';
import { type FakeProvider, likeOpenAI, replyJson, startFakeProvider } from './testing/fakeProvider.ts';
import { ADA, ANTHROPIC, BOB, directoryOf, type Fixture, OPENAI, openFixture, openKey } from './testing/fixture.ts';
import { viewConnections } from './views.ts';

const GOOD = 'sk-good-1234567890abcd';
const OTHER = 'sk-other-1234567890wxyz';
let fixture: Fixture;
let provider: FakeProvider;
let deps: ProvidersDeps;
let keys: string[];

beforeEach(async () => {
	fixture = await openFixture();
	keys = [GOOD, OTHER];
	provider = await startFakeProvider((request, response) => likeOpenAI(keys)(request, response));
	deps = {
		db: fixture.db,
		keyring: await fixture.openKeys(),
		directory: directoryOf(ANTHROPIC, OPENAI),
		probeTimeoutMs: 2_000,
	};
});
afterEach(async () => {
	await provider.close();
	await fixture.close();
});

const custom = (more: object = {}) => ({
	name: 'Mine',
	baseURL: provider.baseURL,
	models: [{ id: 'fake-1' }],
	local: true,
	...more,
});
const input = (more: Partial<ConnectProviderInput> = {}): ConnectProviderInput => ({
	providerId: 'mine',
	authType: 'api',
	apiKey: GOOD,
	custom: custom(),
	...more,
});
const connect = (more: Partial<ConnectProviderInput> = {}) => connectProvider(deps, ADA, input(more));
const jobs = async () =>
	(await fixture.db.selectFrom('jobs').selectAll().orderBy('id').execute()).map((job) => [
		job.type,
		JSON.parse(job.payload),
	]);

test('a connection is tested, sealed, audited, announced, and made the default, in one go', async () => {
	const row = await connect({ apiKey: `  ${GOOD}\n` });
	expect(provider.seen).toHaveLength(2);
	expect(await jobs()).toEqual([
		['credentials.changed', { connectionId: row.id, version: 1, providerId: 'mine', active: true }],
	]);
	const [entry] = await listAudit(fixture.db, { userId: ADA.id, limit: 5 });
	expect(entry).toMatchObject({
		actor: ADA.actor,
		action: 'connection.connected',
		connectionId: row.id,
		detail: { tested: true },
	});
	expect(await getPreferredProvider(fixture.db, ADA.id)).toBe('mine');
	const settings = await fixture.db.selectFrom('user_settings').selectAll().executeTakeFirstOrThrow();
	expect(settings.provider_auth_initialized).toBe(1);
	const [view] = await viewConnections(deps, [row], () => 3);
	expect(view).toMatchObject({
		providerId: 'mine',
		providerName: 'Mine',
		label: 'Default',
		status: 'connected',
		reason: null,
		lastFour: 'abcd',
		delivery: 'direct',
		preferred: true,
		scripted: false,
		baseUrl: provider.baseURL,
		projectCount: 3,
	});
	expect(JSON.stringify([view, entry, await jobs()])).not.toContain(GOOD.slice(0, 12));
	expect((await openKey(fixture.db, deps.keyring, row.id)).key).toBe(GOOD);
});

test('headers and fields: values are sealed, names and fields stand in the metadata', async () => {
	const row = await connect({
		custom: custom({ headers: { 'X-Team': 'team-secret' } }),
		metadata: { resourceName: ' mine ', empty: '' },
	});
	expect(metadataOf(row)).toEqual({
		custom: {
			name: 'Mine',
			models: [{ id: 'fake-1', name: 'fake-1' }],
			format: 'chat-completions',
			local: true,
			headerNames: ['x-team'],
		},
		fields: { resourceName: 'mine' },
	});
	expect(row.metadata).not.toContain('team-secret');
	const { metadata, headers } = await openKey(fixture.db, deps.keyring, row.id);
	expect(headers['x-team']?.reveal()).toBe('team-secret');
	expect(metadata).toEqual({ resourceName: 'mine' });
});

test('a known provider at another address keeps its own format', async () => {
	const row = await connect({ providerId: 'anthropic' });
	expect(provider.seen.at(-1)?.path).toBe('/v1/messages');
	expect(metadataOf(row).custom?.format).toBeNull();
	expect((await viewConnections(deps, [row], () => 0))[0]?.providerName).toBe('Anthropic');
});

test('a server without keys, the free models and the demo connect without one', async () => {
	keys = ['none'];
	const local = await connect({ apiKey: '' });
	expect(local).toMatchObject({ api_key_hash: null, last_four: null });
	expect((await openKey(fixture.db, deps.keyring, local.id)).key).toBe('none');
	const zen = { ...ANTHROPIC, id: 'opencode', name: 'OpenCode Zen' };
	const free = await connectProvider({ ...deps, directory: directoryOf(zen) }, BOB, {
		providerId: 'opencode',
		authType: 'api',
		skipTest: true,
	});
	expect((await openKey(fixture.db, deps.keyring, free.id)).key).toBe('public');
	const demo = await connectProvider(deps, BOB, { providerId: 'doce-demo', authType: 'api' });
	expect((await viewConnections(deps, [demo], () => 0))[0]).toMatchObject({
		providerName: 'Demo (scripted)',
		scripted: true,
		lastFour: null,
	});
	const { key } = await openKey(fixture.db, deps.keyring, demo.id);
	expect(key).toMatch(/^demo_.{43}$/);
	expect((await findConnectionByKey(fixture.db, deps.keyring, 'doce-demo', new Secret(key)))?.id).toBe(demo.id);
	expect(await findConnectionByKey(fixture.db, deps.keyring, 'doce-demo', new Secret('demo_wrong'))).toBeUndefined();
	expect(await testConnection(deps, BOB, demo.id)).toMatchObject({ ok: true });
	await expect(updateConnection(deps, BOB, { connectionId: demo.id, apiKey: GOOD })).rejects.toThrow('needs no key');
});

test('the same label and the same key are refused, for one provider and person', async () => {
	await connect({ label: 'Work' });
	await expect(connect({ label: 'Work', apiKey: OTHER })).rejects.toThrow('with the label "Work"');
	await expect(connect({ label: 'Home' })).rejects.toThrow('already connected to Mine, as "Work"');
	await connect({ label: 'Home', apiKey: OTHER });
	await connect({ providerId: 'yours' });
	const racing = [connect({ providerId: 'racing' }), connect({ providerId: 'racing' })];
	expect((await Promise.allSettled(racing)).map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a new key is tested, sealed with the old headers, and announced; the old one is gone', async () => {
	const row = await connect({ custom: custom({ headers: { 'x-team': 'team-secret' } }) });
	await expect(
		updateConnection(deps, ADA, { connectionId: row.id, apiKey: 'sk-wrong-1234567890' }),
	).rejects.toMatchObject({ code: 'invalid' });
	expect(await getConnection(fixture.db, ADA.id, row.id)).toEqual(row);
	const after = await updateConnection(deps, ADA, { connectionId: row.id, apiKey: OTHER });
	expect(after).toMatchObject({ version: 2, last_four: 'wxyz', status: 'connected' });
	expect((await jobs()).at(-1)).toEqual([
		'credentials.changed',
		{ connectionId: row.id, version: 2, providerId: 'mine', active: true },
	]);
	const opened = await openKey(fixture.db, deps.keyring, row.id);
	expect([opened.key, opened.headers['x-team']?.reveal()]).toEqual([OTHER, 'team-secret']);
	expect(provider.seen.at(-1)?.headers['x-team']).toBe('team-secret');
});

test('a new label or default announces nothing to projects', async () => {
	const first = await connect();
	const second = await connect({ providerId: 'yours' });
	const after = await updateConnection(deps, ADA, { connectionId: second.id, label: 'Play', preferred: true });
	expect(after).toMatchObject({ label: 'Play', version: 1 });
	expect(await getPreferredProvider(fixture.db, ADA.id)).toBe('yours');
	expect(await jobs()).toHaveLength(2);
	await setPreferredProvider(fixture.db, ADA, 'mine');
	expect(await getPreferredProvider(fixture.db, ADA.id)).toBe('mine');
	await expect(setPreferredProvider(fixture.db, ADA, 'openai')).rejects.toMatchObject({ code: 'conflict' });
	await updateConnection(deps, ADA, { connectionId: first.id, preferred: false });
	expect(await getPreferredProvider(fixture.db, ADA.id)).toBeNull();
});

test('testing writes what it found; a test of a key replaced meanwhile writes nothing', async () => {
	const row = await connect();
	keys = [];
	const rejected = await testConnection(deps, ADA, row.id);
	expect(rejected).toMatchObject({ ok: false, status: 'error', reason: 'key_rejected' });
	expect(await getConnection(fixture.db, ADA.id, row.id)).toMatchObject({
		status: 'error',
		error_message: rejected.message,
		version: 1,
	});
	const slow = await startFakeProvider(async (request, response) => {
		if (request.path.endsWith('/models')) return replyJson(response, 404, {});
		await fixture.db.updateTable('provider_connections').set({ version: 9, status: 'connected' }).execute();
		return replyJson(response, 401, {});
	});
	await disconnectProvider(deps, ADA, row.id);
	const other = await connect({ custom: custom({ baseURL: slow.baseURL }), skipTest: true });
	expect(other).toMatchObject({ status: 'connected', reason: 'not_tested' });
	expect(await testConnection(deps, ADA, other.id)).toMatchObject({ ok: false });
	expect(await getConnection(fixture.db, ADA.id, other.id)).toMatchObject({
		status: 'connected',
		reason: 'not_tested',
	});
	await slow.close();
});

test('disconnecting removes the sealed key, keeps the audit trail, and passes the default on', async () => {
	const first = await connect();
	await connect({ providerId: 'yours' });
	expect((await disconnectProvider(deps, ADA, first.id)).provider_id).toBe('mine');
	expect((await listConnections(fixture.db, ADA.id)).map((row) => row.provider_id)).toEqual(['yours']);
	expect(await getPreferredProvider(fixture.db, ADA.id)).toBe('yours');
	expect((await jobs()).at(-1)).toEqual([
		'credentials.changed',
		{ connectionId: first.id, version: 2, providerId: 'mine', active: true },
	]);
	const trail = await listAudit(fixture.db, { connectionId: first.id, limit: 5 });
	expect(trail.map((entry) => entry.action)).toEqual(['connection.disconnected', 'connection.connected']);
	await expect(openCredential(fixture.db, deps.keyring, first.id)).rejects.toMatchObject({ code: 'not_found' });
});

test('connections are their owner’s alone', async () => {
	const row = await connect();
	const attempts = [
		getConnection(fixture.db, BOB.id, row.id),
		updateConnection(deps, BOB, { connectionId: row.id, label: 'x' }),
		testConnection(deps, BOB, row.id),
		disconnectProvider(deps, BOB, row.id),
	];
	for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ code: 'not_found' });
	expect(await listConnections(fixture.db, BOB.id)).toEqual([]);
	expect(await getConnection(fixture.db, ADA.id, row.id)).toEqual(row);
});

test('of several accounts one is in use, and the next takes over when that is disconnected', async () => {
	const first = await connect({ label: 'One' });
	const second = await connect({ label: 'Two', apiKey: OTHER });
	const other = await connect({ label: 'Elsewhere', providerId: 'theirs' });
	expect([first.active, second.active, other.active]).toEqual([1, 0, 1]);
	expect((await findConnectionForProvider(fixture.db, ADA.id, 'mine'))?.id).toBe(first.id);
	await disconnectProvider(deps, ADA, first.id);
	expect((await findConnectionForProvider(fixture.db, ADA.id, 'mine'))?.id).toBe(second.id);
	expect((await findConnectionForProvider(fixture.db, ADA.id, 'theirs'))?.id).toBe(other.id);
	expect(await findConnectionForProvider(fixture.db, ADA.id, 'openai')).toBeUndefined();
	await markConnectionUsed(fixture.db, second.id, 1_700_000_000_000);
	const [view] = await viewConnections(deps, [await getConnection(fixture.db, ADA.id, second.id)], () => 0);
	expect(view?.lastUsedAt).toBe('2023-11-14T22:13:20.000Z');
});
