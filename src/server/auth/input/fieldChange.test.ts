import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConnectProviderInput } from '#shared/providers.ts';
import { getConnection, metadataOf, openCredential } from '../connections.ts';
import { connectProvider, type ProvidersDeps, updateConnection } from '../providers.ts';
import { type FakeProvider, likeOpenAI, startFakeProvider } from '../testing/fakeProvider.ts';
import { ADA, ANTHROPIC, BOB, directoryOf, type Fixture, openFixture, openKey } from '../testing/fixture.ts';
import { viewConnections } from '../views.ts';
import type { DirectoryProvider } from './directory.ts';

const KEY = 'sk-good-1234567890abcd';
const OTHER = 'sk-other-1234567890wxyz';
let fixture: Fixture;
let provider: FakeProvider;
let deps: ProvidersDeps;

const prompt = (key: string) => ({ type: 'text' as const, key, message: `Which ${key}?` });
const asking = (id: string, ...keys: string[]): DirectoryProvider => ({
	...ANTHROPIC,
	id,
	name: id,
	npm: '@ai-sdk/openai-compatible',
	authMethods: [{ type: 'api', prompts: keys.map(prompt) }],
});

beforeEach(async () => {
	fixture = await openFixture();
	provider = await startFakeProvider(likeOpenAI([KEY, OTHER]));
	const gateway = { ...asking('gateway', 'accountId'), api: `${provider.baseURL}/$\{CLOUDFLARE_ACCOUNT_ID}` };
	const directory = directoryOf(gateway, asking('azure', 'resourceName'), asking('gitlab', 'instanceUrl'), ANTHROPIC);
	deps = { db: fixture.db, keyring: await fixture.openKeys(), directory, probeTimeoutMs: 2_000 };
});
afterEach(async () => {
	await provider.close();
	await fixture.close();
});

const connect = (providerId: string, metadata: Record<string, string>, more: Partial<ConnectProviderInput> = {}) =>
	connectProvider(deps, ADA, { providerId, authType: 'api', apiKey: KEY, metadata, skipTest: true, ...more });
const jobs = () => fixture.db.selectFrom('jobs').selectAll().execute();

test('a field that stays within one host changes without the key, is tested with the kept one, and reaches projects', async () => {
	// The word of an admin lets the catalogue's own address of this test be called.
	const row = await connect('gateway', { accountId: 'one' }, { local: true });
	const after = await updateConnection(deps, ADA, { connectionId: row.id, metadata: { accountId: 'two' } });
	expect(after).toMatchObject({ version: 2, last_four: 'abcd', status: 'connected', reason: null });
	expect(provider.seen.map(({ path }) => path)).toContain('/v1/two/chat/completions');
	const opened = await openKey(fixture.db, deps.keyring, row.id);
	expect([opened.key, opened.metadata]).toEqual([KEY, { accountId: 'two' }]);
	expect(await jobs()).toHaveLength(2);
	expect((await viewConnections(deps, [after], () => 0))[0]?.fields).toEqual({ accountId: 'two' });
});

test('a field that decides where the key goes asks for the key again', async () => {
	const row = await connect('azure', { resourceName: 'one' });
	const change = { connectionId: row.id, metadata: { resourceName: 'two' }, skipTest: true };
	await expect(updateConnection(deps, ADA, change)).rejects.toMatchObject({
		code: 'invalid',
		message: 'This changes where the key is sent. Enter the key again, too.',
	});
	expect(await getConnection(fixture.db, ADA.id, row.id)).toEqual(row);
	const after = await updateConnection(deps, ADA, { ...change, apiKey: OTHER });
	expect(metadataOf(after).fields).toEqual({ resourceName: 'two' });
	expect((await openKey(fixture.db, deps.keyring, row.id)).key).toBe(OTHER);
});

test('a field altered behind the key does not open it', async () => {
	const row = await connect('azure', { resourceName: 'one' });
	const metadata = row.metadata.replace('"one"', '"evil"');
	await fixture.db.updateTable('provider_connections').set({ metadata }).execute();
	await expect(openCredential(fixture.db, deps.keyring, row.id)).rejects.toMatchObject({
		code: 'unavailable',
		message: expect.stringContaining('given for another address'),
	});
});

test('wrong fields change nothing, and a connection without fields takes none', async () => {
	const row = await connect('azure', { resourceName: 'one' });
	const plain = await connect('anthropic', {});
	const attempts = [
		[row.id, {}, 'Which resourceName?: azure needs this too.'],
		[row.id, { resourceName: 'a/b' }, 'letters, digits'],
		[plain.id, { region: 'x' }, 'Anthropic has no field "region"'],
	] as const;
	for (const [connectionId, metadata, words] of attempts)
		await expect(updateConnection(deps, ADA, { connectionId, metadata, apiKey: OTHER })).rejects.toThrow(words);
	expect(await getConnection(fixture.db, ADA.id, row.id)).toEqual(row);
	const custom = { name: 'Mine', baseURL: provider.baseURL, models: [{ id: 'fake-1' }], local: true };
	const mine = await connect('mine', {}, { custom });
	await expect(updateConnection(deps, ADA, { connectionId: mine.id, metadata: { a: 'b' } })).rejects.toThrow(
		'no extra fields',
	);
});

test('a private instance needs the word of an admin', async () => {
	const { origin } = new URL(provider.baseURL);
	await expect(connect('gitlab', { instanceUrl: origin })).rejects.toThrow('private address');
	const asBob = connectProvider(deps, BOB, {
		providerId: 'gitlab',
		authType: 'api',
		apiKey: KEY,
		local: true,
		metadata: { instanceUrl: origin },
	});
	await expect(asBob).rejects.toMatchObject({ code: 'forbidden' });
	const row = await connect('gitlab', { instanceUrl: origin }, { local: true });
	expect(metadataOf(row)).toMatchObject({ local: true, fields: { instanceUrl: origin } });
	const again = { connectionId: row.id, metadata: { instanceUrl: `${origin}/` } };
	await expect(updateConnection(deps, ADA, again)).rejects.toThrow('rejected the key');
	expect(provider.seen.at(-1)).toMatchObject({ path: '/api/v4/user', headers: { 'private-token': KEY } });
});
