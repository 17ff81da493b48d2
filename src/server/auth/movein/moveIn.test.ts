import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAudit } from '#server/audit/audit.ts';
import type { CatalogData } from '#server/opencode/catalog.ts';
import { Secret } from '#server/secret.ts';
import type { MoveInText } from '#shared/moveIn.ts';
import { listConnections, metadataOf } from '../connections.ts';
import type { ProvidersDeps } from '../providers.ts';
import { type FakeProvider, likeOpenAI, replyJson, startFakeProvider } from '../testing/fakeProvider.ts';
import { ADA, BOB, type Fixture, openFixture, openKey } from '../testing/fixture.ts';
import { copyEnvironmentKey, listEnvironmentKeys } from './environment.ts';
import { moveIn, previewMoveIn } from './moveIn.ts';
import { listPlainKeyFiles } from './plainFiles.ts';

const GOOD = 'sk-good-1234567890abcd';
const OTHER = 'sk-other-1234567890wxyz';
const BAD = 'sk-bad-1234567890zzzz';

let fixture: Fixture;
let provider: FakeProvider;
let catalog: CatalogData;
let deps: ProvidersDeps;

type Provider = CatalogData['providers'][number];
const entry = (id: string, env: string[], more: Partial<Provider> = {}): Provider => ({
	id,
	name: id.toUpperCase(),
	npm: '@ai-sdk/openai-compatible',
	api: provider.baseURL,
	env,
	authMethods: [],
	models: [{ id: 'fake-1', name: 'Fake 1' } as Provider['models'][number]],
	...more,
});
const accountPrompt = { type: 'text' as const, key: 'accountId', message: 'Which account?' };

beforeEach(async () => {
	fixture = await openFixture();
	provider = await startFakeProvider(likeOpenAI([GOOD, OTHER]));
	catalog = {
		fetchedAt: 0,
		providers: [
			entry('acme', ['ACME_API_KEY']),
			entry('zed-cn', ['ZED_API_KEY']),
			entry('zed', ['ZED_API_KEY']),
			entry('cloud', ['CLOUD_ACCOUNT_ID', 'CLOUD_API_KEY'], {
				authMethods: [{ type: 'api', label: 'Key', prompts: [accountPrompt] }],
			}),
			entry('copilot', ['COPILOT_API_KEY'], { authMethods: [{ type: 'oauth', label: 'Sign in', prompts: [] }] }),
			entry('fetched', ['FETCHED_API_KEY'], { npm: 'watsonx-ai-provider' }),
			entry('openai', ['OPENAI_API_KEY'], { api: 'https://api.openai.com/v1' }),
		],
	};
	deps = {
		db: fixture.db,
		keyring: await fixture.openKeys(),
		directory: { find: async (id) => catalog.providers.find((one) => one.id === id) },
		probeTimeoutMs: 2_000,
	};
});
afterEach(async () => {
	await provider.close();
	await fixture.close();
});

const preview = (text: string, more: Partial<MoveInText> = {}) => previewMoveIn(deps, ADA, catalog, { text, ...more });
const table = async (text: string) =>
	(await preview(text)).entries.map(({ source, providerId, state, lastFour }) => [source, providerId, state, lastFour]);
const reasonOf = async (text: string) => (await preview(text)).entries[0]?.reason;

test('the table says of each entry whose it is and whether it can come in, and nothing secret', async () => {
	await moveIn(deps, ADA, catalog, { text: `ACME_API_KEY=${GOOD}`, choose: ['ACME_API_KEY:1:acme'] });
	const store = { acme: { type: 'api', key: OTHER }, openai: { type: 'oauth', refresh: 'r', access: 'a', expires: 1 } };
	const text = [`ACME_API_KEY=${GOOD}`, JSON.stringify(store), 'CLOUD_API_KEY=', 'WEATHER_API_KEY=1', 'PORT=3000'];
	const { entries, ignored } = await preview(text.join('\n'), { fileName: 'C:\\Users\\ada\\.env' });
	expect(entries.map(({ source, type, label, lastFour, state }) => [source, type, label, lastFour, state])).toEqual([
		['ACME_API_KEY', 'api', '', 'abcd', 'duplicate'],
		['acme', 'api', 'From .env', 'wxyz', 'new'],
		['openai', 'oauth', '', null, 'unsupported'],
		['CLOUD_API_KEY', 'api', '', null, 'unreadable'],
		['WEATHER_API_KEY', 'api', '', null, 'unsupported'],
	]);
	expect(entries[0]?.reason).toBe('Already connected as "Default".');
	expect(entries[2]?.reason).toMatch(/^Sign in again here/);
	expect(ignored).toBe(1);
	expect(JSON.stringify(entries)).not.toMatch(new RegExp(`${GOOD}|${OTHER}`));
	expect(await listConnections(deps.db, ADA.id)).toHaveLength(1);
});

test('a variable that several providers read is one entry for each, with the likeliest suggested', async () => {
	const { entries } = await preview(`ZED_API_KEY=${GOOD}`);
	expect(entries.map(({ providerId, suggested }) => [providerId, suggested])).toEqual([
		['zed', true],
		['zed-cn', false],
	]);
});

test('the same key twice in one text is new once', async () => {
	expect(await table(`ACME_API_KEY=${GOOD}\nACME_API_KEY=${GOOD}\nACME_API_KEY=${OTHER}`)).toEqual([
		['ACME_API_KEY', 'acme', 'new', 'abcd'],
		['ACME_API_KEY', 'acme', 'duplicate', 'abcd'],
		['ACME_API_KEY', 'acme', 'new', 'wxyz'],
	]);
});

test('what cannot be imported says why', async () => {
	expect(await reasonOf('ACME_API_KEY=your-key-here')).toBe('That looks like a placeholder, not a key.');
	expect(await reasonOf('ACME_API_KEY=sk-...')).toBe('That looks like a placeholder, not a key.');
	expect(await reasonOf('ACME_API_KEY=two words')).toBe('An API key has no spaces. Paste the key alone.');
	expect(await reasonOf(`COPILOT_API_KEY=${GOOD}`)).toMatch(/^Sign in again here/);
	expect(await reasonOf(`FETCHED_API_KEY=${GOOD}`)).toMatch(/download this provider/);
	expect(await reasonOf(`CLOUD_API_KEY=${GOOD}`)).toBe('CLOUD also needs CLOUD_ACCOUNT_ID: add that line.');
	expect(await reasonOf(`{"mine":{"type":"api","key":"${GOOD}"}}`)).toMatch(/custom endpoint/);
	expect(await reasonOf('{"https://ai.example.com":{"type":"wellknown","key":"A","token":"b"}}')).toMatch(/address/);
	expect(await reasonOf(`AWS_SECRET_ACCESS_KEY=${GOOD}`)).toMatch(/AWS_BEARER_TOKEN_BEDROCK/);
	expect(await reasonOf(GOOD)).toMatch(/^A key without a name/);
});

test('a key that its text sends to another address is never sent to the provider', async () => {
	const elsewhere = `OPENAI_API_KEY=${GOOD}\nOPENAI_BASE_URL=https://proxy.example.com/v1`;
	expect(await reasonOf(elsewhere)).toMatch(/^OPENAI_BASE_URL sends this key to another address/);
	const own = `OPENAI_API_KEY=${GOOD}\nOPENAI_BASE_URL=https://api.openai.com/v1`;
	expect((await preview(own)).entries[0]?.state).toBe('new');
});

test('each chosen entry is tested and connected on its own', async () => {
	const text = `ACME_API_KEY=${GOOD}\nCLOUD_ACCOUNT_ID=acc-1\nCLOUD_API_KEY=${OTHER}\nZED_API_KEY=${BAD}`;
	const { entries } = await preview(text, { fileName: '.env' });
	const choose = entries.filter(({ suggested }) => suggested).map(({ id }) => id);
	const outcomes = await moveIn(deps, ADA, catalog, { text, fileName: '.env', choose });
	expect(outcomes.map(({ connection }) => connection?.provider_id ?? null)).toEqual(['acme', 'cloud', null]);
	expect(outcomes[2]).toMatchObject({ reason: expect.stringMatching(/rejected/i), skippable: false });
	const [acme, cloud] = await listConnections(deps.db, ADA.id);
	expect((await openKey(deps.db, deps.keyring, acme?.id ?? '')).key).toBe(GOOD);
	expect(cloud && metadataOf(cloud).fields).toEqual({ accountId: 'acc-1' });
	const audited = await listAudit(deps.db, { userId: ADA.id, limit: 10 });
	expect(audited.map(({ action, detail }) => [action, detail['providerId'], detail['from']]).sort()).toEqual([
		['connection.connected', 'acme', undefined],
		['connection.connected', 'cloud', undefined],
		['connection.imported', 'acme', 'ACME_API_KEY of .env'],
		['connection.imported', 'cloud', 'CLOUD_API_KEY of .env'],
	]);
	expect(JSON.stringify(audited)).not.toContain(GOOD);
});

test('a key that could not be tested may be imported without a test', async () => {
	await provider.close();
	provider = await startFakeProvider((_, response) => replyJson(response, 429, { error: 'slow down' }));
	catalog.providers.splice(0, 1, entry('acme', ['ACME_API_KEY']));
	const text = `ACME_API_KEY=${GOOD}`;
	const choose = ['ACME_API_KEY:1:acme'];
	expect(await moveIn(deps, ADA, catalog, { text, choose })).toMatchObject([{ connection: null, skippable: true }]);
	const [outcome] = await moveIn(deps, ADA, catalog, { text, choose, skipTest: true });
	expect(outcome?.connection).toMatchObject({ reason: 'not_tested', label: 'Default' });
});

test('an entry that is no longer there is refused, one that cannot be imported fails', async () => {
	await expect(moveIn(deps, ADA, catalog, { text: 'PORT=1', choose: ['ACME_API_KEY:1:acme'] })).rejects.toThrow(
		'The text has changed',
	);
	const failed = await moveIn(deps, ADA, catalog, { text: 'ACME_API_KEY=', choose: ['ACME_API_KEY:1:acme'] });
	expect(failed).toMatchObject([{ connection: null, reason: 'It has no value.' }]);
	expect(provider.seen).toEqual([]);
});

test('people move in apart from each other', async () => {
	const text = `OPENAI_API_KEY=${GOOD}`;
	await moveIn(deps, BOB, catalog, { text, choose: ['OPENAI_API_KEY:1:openai'], skipTest: true });
	expect((await preview(text)).entries[0]).toMatchObject({ state: 'new', label: 'Default' });
	expect(await listConnections(deps.db, ADA.id)).toEqual([]);
});

test('keys of the environment are listed, and copied when somebody says so', async () => {
	const environment = new Map(
		Object.entries({ ACME_API_KEY: GOOD, WEATHER_API_KEY: BAD, COPILOT_API_KEY: BAD, CLOUD_API_KEY: OTHER }).map(
			([name, value]) => [name, new Secret(value)],
		),
	);
	const list = () => listEnvironmentKeys(deps, ADA, catalog, environment);
	const acme = { name: 'ACME_API_KEY', lastFour: 'abcd', providers: [{ id: 'acme', name: 'ACME' }] };
	expect(await list()).toEqual([
		{ ...acme, copiedAs: null, problem: null },
		{
			name: 'CLOUD_API_KEY',
			lastFour: 'wxyz',
			providers: [{ id: 'cloud', name: 'CLOUD' }],
			copiedAs: null,
			problem: 'CLOUD also needs CLOUD_ACCOUNT_ID: add that line.',
		},
	]);
	const copy = (name: string) => copyEnvironmentKey(deps, ADA, { catalog, environment }, { name });
	expect(await copy('ACME_API_KEY')).toMatchObject({ provider_id: 'acme', status: 'connected', last_four: 'abcd' });
	expect((await list())[0]).toEqual({ ...acme, copiedAs: 'Default', problem: null });
	await expect(copy('ACME_API_KEY')).rejects.toMatchObject({ code: 'conflict' });
	await expect(copy('CLOUD_API_KEY')).rejects.toThrow('CLOUD_ACCOUNT_ID');
	for (const name of ['COPILOT_API_KEY', 'WEATHER_API_KEY', 'PATH'])
		await expect(copy(name)).rejects.toMatchObject({ code: 'not_found' });
	expect(JSON.stringify(await list())).not.toContain(GOOD);
});

test('files that hold keys are named when they exist, and are left as they are', async () => {
	const path = join(fixture.dir, 'auth.json');
	const known = [path, join(fixture.dir, '.env'), fixture.dir, join(fixture.keyFile, 'below/a/file')];
	expect(await listPlainKeyFiles(known, undefined)).toEqual([]);
	writeFileSync(path, '{}', { mode: 0 });
	expect(await listPlainKeyFiles(known, 'my.env')).toEqual([
		{ path: 'my.env', where: 'given' },
		{ path, where: 'server' },
	]);
});
