import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConnectProviderInput } from '#shared/providers.ts';
import { getConnection, listConnections, openCredential } from './connections.ts';
import {
	connectProvider,
	disconnectProvider,
	type ProvidersDeps,
	testConnection,
	updateConnection,
} from './providers.ts';
import { type FakeProvider, likeOpenAI, startFakeProvider } from './testing/fakeProvider.ts';
import {
	ADA,
	ANTHROPIC,
	BOB,
	COPILOT,
	directoryOf,
	type Fixture,
	OPENAI,
	openFixture,
	openKey,
} from './testing/fixture.ts';
import { viewConnections } from './views.ts';

const KEY = 'sk-canary-K7Qz9xW2mB4vLr';
const HEADER = 'header-canary-P3tY8uJ6';
let fixture: Fixture;
let provider: FakeProvider;
let deps: ProvidersDeps;

const LMSTUDIO = { ...OPENAI, id: 'lmstudio', name: 'LM Studio', api: 'http://127.0.0.1:1234/v1' };

beforeEach(async () => {
	fixture = await openFixture();
	provider = await startFakeProvider(likeOpenAI([KEY]));
	const directory = directoryOf(ANTHROPIC, OPENAI, COPILOT, LMSTUDIO);
	deps = { db: fixture.db, keyring: await fixture.openKeys(), directory, probeTimeoutMs: 2_000 };
});
afterEach(async () => {
	await provider.close();
	await fixture.close();
});

type Custom = NonNullable<ConnectProviderInput['custom']>;
const custom = (more: Partial<Custom> = {}): Custom => ({
	name: 'Mine',
	baseURL: provider.baseURL,
	models: [{ id: 'fake-1' }],
	local: true,
	...more,
});
const input = (more: Partial<ConnectProviderInput> = {}): ConnectProviderInput => ({
	...plain(),
	custom: custom(),
	...more,
});
const plain = (more: Partial<ConnectProviderInput> = {}): ConnectProviderInput => ({
	providerId: 'mine',
	authType: 'api',
	apiKey: KEY,
	...more,
});

async function everything(): Promise<unknown> {
	const tables = ['provider_connections', 'user_settings', 'jobs', 'audit_entries'] as const;
	return Promise.all(tables.map((table) => fixture.db.selectFrom(table).selectAll().execute()));
}

const BAD: [string, () => ConnectProviderInput, string, string][] = [
	['an unknown provider', () => plain({ providerId: 'nobody' }), 'invalid', 'no provider "nobody"'],
	[
		'no key',
		() =>
			input({ providerId: 'openai', apiKey: ' ', custom: custom({ local: false, baseURL: 'https://example.com/v1' }) }),
		'invalid',
		'Paste the API key',
	],
	['a key of several lines', () => input({ apiKey: 'a\nb' }), 'invalid', 'one line'],
	['a key with spaces', () => input({ apiKey: 'a b' }), 'invalid', 'no spaces'],
	['a wrong key', () => input({ apiKey: 'sk-wrong-1234567890' }), 'invalid', 'rejected the key (401)'],
	['OAuth', () => input({ authType: 'oauth' }), 'invalid', 'begins with initiateOAuth'],
	[
		'a well-known sign-in without an address',
		() => input({ authType: 'wellknown' }),
		'invalid',
		'address of the organisation',
	],
	[
		'a provider without keys',
		() => input({ providerId: 'github-copilot' }),
		'invalid',
		'GitHub Copilot takes no API key: sign in instead',
	],
	['sealed delivery', () => input({ delivery: 'sealed' }), 'invalid', 'not in this version yet'],
	['a bad address', () => input({ custom: custom({ baseURL: 'not an address' }) }), 'invalid', 'not a web address'],
	[
		'a private address without the word',
		() => input({ custom: custom({ local: false }) }),
		'invalid',
		'private address',
	],
	[
		'the private address of a known provider',
		() => plain({ providerId: 'openai', url: provider.baseURL }),
		'invalid',
		'private',
	],
	[
		'cloud metadata',
		() => input({ custom: custom({ baseURL: 'http://169.254.169.254/v1' }) }),
		'invalid',
		'never calls',
	],
	[
		'a password in the address',
		() => input({ custom: custom({ baseURL: 'https://u:p@example.com/v1' }) }),
		'invalid',
		'user name',
	],
	[
		'a query in the address',
		() => input({ custom: custom({ baseURL: 'https://example.com/v1?x=1' }) }),
		'invalid',
		'"?"',
	],
	[
		'a route in the address',
		() => input({ custom: custom({ baseURL: 'https://example.com/v1/chat/completions' }) }),
		'invalid',
		'/chat/completions',
	],
	['two addresses', () => input({ url: 'https://example.com/v1' }), 'invalid', 'Two different addresses'],
	[
		'a header of the connection',
		() => input({ custom: custom({ headers: { Host: 'x' } }) }),
		'invalid',
		'cannot be set',
	],
	[
		'a header that is no text',
		() => input({ custom: custom({ headers: { 'x-a': 'ä' } }) }),
		'invalid',
		'no header takes',
	],
	['an address for the demo', () => input({ providerId: 'doce-demo' }), 'invalid', 'no address of its own'],
];

test.each(BAD)('%s is refused in words and changes nothing', async (_name, bad, code, words) => {
	const before = await everything();
	const attempt = connectProvider(deps, ADA, bad());
	await expect(attempt).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
	expect(await everything()).toEqual(before);
});

test('local servers are for admins', async () => {
	await expect(connectProvider(deps, BOB, input())).rejects.toMatchObject({ code: 'forbidden' });
	const lmstudio = { providerId: 'lmstudio', authType: 'api' as const, skipTest: true };
	await expect(connectProvider(deps, BOB, lmstudio)).rejects.toMatchObject({ code: 'forbidden' });
	expect(await connectProvider(deps, ADA, lmstudio)).toMatchObject({ base_url: null, api_key_hash: null });
});

test('silence can be saved without a test, which then is not made', async () => {
	const mute = await startFakeProvider(() => undefined);
	const silent = input({ custom: custom({ baseURL: mute.baseURL }) });
	const impatient = { ...deps, probeTimeoutMs: 100 };
	await expect(connectProvider(impatient, ADA, silent)).rejects.toMatchObject({
		code: 'unavailable',
		message: expect.stringContaining('in time'),
	});
	const asked = mute.seen.length;
	const row = await connectProvider(impatient, ADA, { ...silent, skipTest: true });
	expect(row).toMatchObject({ status: 'connected', reason: 'not_tested' });
	expect(mute.seen).toHaveLength(asked);
	await mute.close();
});

test('a credential moved to another row, owner, provider or address does not open', async () => {
	const row = await connectProvider(deps, ADA, input());
	const move = async (changes: object) => {
		await fixture.db.updateTable('provider_connections').set(changes).execute();
		const { id } = await fixture.db.selectFrom('provider_connections').select('id').executeTakeFirstOrThrow();
		await expect(openCredential(fixture.db, deps.keyring, id)).rejects.toMatchObject({ code: 'unavailable' });
		await fixture.db
			.updateTable('provider_connections')
			.set({ id: row.id, user_id: row.user_id, provider_id: row.provider_id, base_url: row.base_url })
			.execute();
	};
	await move({ id: 'another' });
	await move({ user_id: BOB.id });
	await move({ provider_id: 'openai' });
	await move({ base_url: 'https://evil.example/v1' });
	await move({ base_url: null });
	expect((await openKey(fixture.db, deps.keyring, row.id)).key).toBe(KEY);
});

test('with locked keys connections are shown as locked, nothing is sent or written, and disconnecting works', async () => {
	const row = await connectProvider(deps, ADA, input());
	renameSync(fixture.keyFile, `${fixture.keyFile}.away`);
	const locked = { ...deps, keyring: await fixture.openKeys() };
	const [view] = await viewConnections(locked, await listConnections(fixture.db, ADA.id), () => 0);
	expect(view).toMatchObject({
		status: 'error',
		reason: 'locked',
		errorMessage: expect.stringContaining(fixture.keyFile),
	});
	const before = await everything();
	const asked = provider.seen.length;
	const attempts = [
		() => connectProvider(locked, ADA, input({ label: 'More', apiKey: `${KEY}2` })),
		() => updateConnection(locked, ADA, { connectionId: row.id, label: 'x' }),
		() => testConnection(locked, ADA, row.id),
		() => openCredential(fixture.db, locked.keyring, row.id),
	];
	for (const attempt of attempts)
		await expect(attempt()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('locked') });
	expect(await everything()).toEqual(before);
	expect(provider.seen).toHaveLength(asked);
	await disconnectProvider(locked, ADA, row.id);
	await expect(getConnection(fixture.db, ADA.id, row.id)).rejects.toMatchObject({ code: 'not_found' });
});

test('no key and no header value is in the database file or its log, and the search would find one', async () => {
	const row = await connectProvider(deps, ADA, input({ custom: custom({ headers: { 'x-team': HEADER } }) }));
	await testConnection(deps, ADA, row.id);
	const wrong = input({ label: 'Wrong', apiKey: 'sk-wrong-K7Qz9xW2mB4vLr' });
	await expect(connectProvider(deps, ADA, wrong)).rejects.toThrow('rejected');
	const files = readdirSync(fixture.dir).filter((name) => name.startsWith('doce.sqlite'));
	expect(files).toContain('doce.sqlite-wal');
	const found = (text: string) =>
		files.filter((name) => {
			const bytes = readFileSync(join(fixture.dir, name)).toString('latin1');
			const forms = [
				text,
				Buffer.from(text).toString('base64').slice(2, -4),
				Buffer.from(text).toString('hex'),
				[...text].reverse().join(''),
			];
			return forms.some((form) => bytes.includes(form));
		});
	for (const canary of [KEY, KEY.slice(0, 16), 'K7Qz9xW2mB4vLr', HEADER]) expect(found(canary), canary).toEqual([]);
	await fixture.db
		.updateTable('provider_connections')
		.set({ error_message: `echo ${KEY}` })
		.execute();
	expect(found(KEY)).not.toEqual([]);
	await fixture.db
		.updateTable('provider_connections')
		.set({ error_message: Buffer.from(HEADER).toString('base64') })
		.execute();
	expect(found(HEADER)).not.toEqual([]);
});
