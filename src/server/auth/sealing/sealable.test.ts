import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '#server/errors.ts';
import type { ConnectProviderInput } from '#shared/providers.ts';
import { listAudit } from '../../audit/audit.ts';
import type { ConnectionRow } from '../connections.ts';
import type { DirectoryProvider } from '../input/directory.ts';
import { connectProvider, type ProvidersDeps, updateConnection } from '../providers.ts';
import { ADA, ANTHROPIC, directoryOf, type Fixture, openFixture } from '../testing/fixture.ts';
import { chooseDelivery, whyNotSealed } from './sealable.ts';
import { placeOf, upstreamOf } from './upstream.ts';

const BEDROCK: DirectoryProvider = {
	...ANTHROPIC,
	id: 'amazon-bedrock',
	name: 'Bedrock',
	npm: '@ai-sdk/amazon-bedrock',
};
const ZEN: DirectoryProvider = {
	...ANTHROPIC,
	id: 'opencode',
	npm: '@ai-sdk/openai-compatible',
	api: 'https://opencode.ai/zen/v1',
	models: [
		{ id: 'fake-1', name: 'Fake' },
		{ id: 'claude', name: 'Claude', provider: { npm: '@ai-sdk/anthropic' } },
	],
};
const DEEPINFRA: DirectoryProvider = { ...ANTHROPIC, id: 'deepinfra', npm: '@ai-sdk/deepinfra' };
const CLOUDFLARE: DirectoryProvider = {
	...ANTHROPIC,
	id: 'cloudflare-workers-ai',
	npm: '@ai-sdk/openai-compatible',
	// biome-ignore lint/suspicious/noTemplateCurlyInString: that is how the catalogue writes it.
	api: 'https://api.cloudflare.com/client/v4/accounts/${CLOUDFLARE_ACCOUNT_ID}/ai/v1',
};

let fixture: Fixture;
let deps: ProvidersDeps;

beforeAll(async () => {
	fixture = await openFixture();
	const directory = directoryOf(ANTHROPIC, BEDROCK, ZEN, DEEPINFRA, CLOUDFLARE);
	deps = { db: fixture.db, keyring: await fixture.openKeys(), directory };
});
afterAll(() => fixture?.close());

const connect = (providerId: string, more: Partial<ConnectProviderInput> = {}) =>
	connectProvider(deps, ADA, {
		providerId,
		authType: 'api',
		apiKey: `sk-key-of-${providerId}-1234`,
		skipTest: true,
		...more,
	});
const row = (part: Partial<ConnectionRow>) =>
	({
		provider_id: 'x',
		auth_type: 'api',
		metadata: JSON.stringify({ custom: null, fields: {} }),
		...part,
	}) as ConnectionRow;

describe('a credential stays outside projects', () => {
	test('where the SDK takes an address and speaks a format that the gateway knows', async () => {
		expect(whyNotSealed(ANTHROPIC, row({ provider_id: 'anthropic' }))).toBeUndefined();
		expect((await connect('anthropic')).delivery).toBe('sealed');
		expect(
			(await connect('anthropic', { label: 'Copied', apiKey: 'sk-copied-key-123456', delivery: 'direct' })).delivery,
		).toBe('direct');
	});

	test('and is refused in words where that cannot be, never copied instead', async () => {
		const refusal = connect('amazon-bedrock', { delivery: 'sealed' });
		await expect(refusal).rejects.toThrow(/^It cannot stay outside projects: its calls are signed/);
		await expect(refusal).rejects.toBeInstanceOf(AppError);
		expect((await connect('amazon-bedrock')).delivery).toBe('direct');
	});

	test.each([
		['xai', undefined],
		['poe', undefined],
		['openai', /ChatGPT account/],
		['github-copilot', /fixed address/],
		['somebody-new', /used by OpenCode itself/],
	])('of a sign-in to %s only where its token goes where a key would', (provider_id, words) => {
		const why = whyNotSealed(undefined, row({ provider_id, auth_type: 'oauth' }));
		if (words === undefined) expect(why).toBeUndefined();
		else expect(why).toMatch(words);
	});

	test('of an organisation, and of an SDK that nobody knows, not', async () => {
		expect(whyNotSealed(undefined, row({ auth_type: 'wellknown' }))).toContain('organisation');
		expect(whyNotSealed({ npm: 'new-sdk', models: [] }, row({}))).toContain('new-sdk');
		const choice = chooseDelivery(
			directoryOf({ ...ANTHROPIC, npm: 'new-sdk' }),
			row({ provider_id: 'anthropic' }),
			'sealed',
		);
		await expect(choice).rejects.toThrow('Choose "direct"');
	});
});

describe('its calls go', () => {
	test('to the provider’s public address, in every format that its models need', async () => {
		const upstream = upstreamOf(ZEN, await connect('opencode'));
		expect(upstream).toMatchObject({ base: 'https://opencode.ai/zen/v1', formats: ['chat-completions', 'messages'] });
	});

	test('for a model that the catalogue has elsewhere to its place, in its own format, and to no place that it has not', async () => {
		const elsewhere = { id: 'far', name: 'Far', provider: { npm: '@ai-sdk/anthropic', api: 'https://far.example/v1' } };
		const known = { ...ZEN, models: [...ZEN.models, elsewhere] };
		const zen = await connect('opencode', { label: 'Elsewhere', apiKey: 'sk-elsewhere-key-1234' });
		const place = placeOf(elsewhere, zen);
		expect(place).toMatch(/^\/at-[0-9a-f]{12}$/);
		expect(upstreamOf(known, zen, place)).toMatchObject({ base: 'https://far.example/v1', formats: ['messages'] });
		expect(upstreamOf(known, zen, '/at-000000000000')).toBe('There is no such address.');
		expect(placeOf(elsewhere, { ...zen, base_url: 'https://own.example/v1' })).toBe('');
	});

	test('to an address of the owner’s own, with what the SDK puts behind it', async () => {
		const [open, own] = [
			await connect('deepinfra'),
			await connect('deepinfra', { label: 'Own', apiKey: 'sk-own-key-123456', url: 'https://di.example/v1' }),
		];
		expect(upstreamOf(DEEPINFRA, open)).toMatchObject({
			base: 'https://api.deepinfra.com/v1/openai',
			prefix: '/openai',
		});
		expect(upstreamOf(DEEPINFRA, own)).toMatchObject({ base: 'https://di.example/v1/openai', prefix: '/openai' });
	});

	test('to the account that the row names, and nowhere without one', async () => {
		const named = await connect('cloudflare-workers-ai', { metadata: { accountId: 'abc123' } });
		expect(upstreamOf(CLOUDFLARE, named)).toMatchObject({
			base: 'https://api.cloudflare.com/client/v4/accounts/abc123/ai/v1',
		});
		const forged = { ...named, metadata: JSON.stringify({ custom: null, fields: { accountId: '../../evil' } }) };
		expect(upstreamOf(CLOUDFLARE, forged)).toContain('does not know the address');
		expect(upstreamOf(BEDROCK, row({ provider_id: 'amazon-bedrock', base_url: null }))).toContain(
			'cannot stay outside',
		);
	});
});

test('another delivery is another version, which projects learn of; the key is the same', async () => {
	const custom = { name: 'Own', baseURL: 'https://own.example/v1', models: [{ id: 'm' }] };
	const first = await connect('own', { custom, delivery: 'sealed' });
	const direct = await updateConnection(deps, ADA, { connectionId: first.id, delivery: 'direct' });
	expect(direct).toMatchObject({
		delivery: 'direct',
		version: first.version + 1,
		sealed_credential: first.sealed_credential,
	});
	const [entry] = await listAudit(fixture.db, { userId: ADA.id, limit: 1 });
	expect(entry).toMatchObject({ action: 'connection.updated', detail: { delivery: 'direct', keyReplaced: false } });
	const again = await updateConnection(deps, ADA, { connectionId: first.id, delivery: 'direct', label: 'Same' });
	expect(again.version).toBe(direct.version);
});
