import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeInternet, startFakeInternet } from '../../../test/fakes/internet.ts';
import { until } from '../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../test/harness/openCode.ts';
import { openCredential } from '../auth/connections.ts';
import { connectProvider } from '../auth/providers.ts';
import { ADA, type Fixture, openFixture } from '../auth/testing/fixture.ts';
import { createLogger } from '../logger.ts';
import { type Catalog, type CatalogProvider, createCatalog } from '../opencode/catalog.ts';
import type { ProviderSetup } from '../opencode/config.ts';
import { newOpenCodeMessageId, partIdOf } from '../opencode/ids.ts';
import { describeProvider } from './connected.ts';

const HOSTS = [
	'*.openai.azure.com',
	'*.services.ai.azure.com',
	'*.cognitiveservices.azure.com',
	'api.cloudflare.com',
	'gateway.ai.cloudflare.com',
	'*.snowflakecomputing.com',
	'*.cloud.databricks.com',
	'*.eu-central-1.amazonaws.com',
	'*.eu-central-1.api.aws',
	'gitlab.corp.example',
	'api.infomaniak.com',
	'gateway.neon.example',
];

type Case = {
	providerId: string;
	fields: Record<string, string>;
	/** Which of the catalogue's models; the first that can use tools without it. */
	model?: (id: string, npm: string | undefined) => boolean;
	at: string;
	header: string;
};

const CASES: Case[] = [
	{
		providerId: 'azure',
		fields: { resourceName: 'my-models' },
		model: (id) => id === 'gpt-5.4',
		at: 'my-models.openai.azure.com/openai/v1/responses',
		header: 'api-key',
	},
	{
		providerId: 'azure-cognitive-services',
		fields: { resourceName: 'my-cognition' },
		model: (id) => id === 'gpt-5.4',
		at: 'my-cognition.cognitiveservices.azure.com/openai/v1/responses',
		header: 'api-key',
	},
	{
		providerId: 'cloudflare-workers-ai',
		fields: { accountId: 'account-1' },
		at: 'api.cloudflare.com/client/v4/accounts/account-1/ai/v1/chat/completions',
		header: 'authorization',
	},
	{
		providerId: 'cloudflare-ai-gateway',
		fields: { accountId: 'account-2', gatewayId: 'gate-1' },
		at: 'gateway.ai.cloudflare.com/v1/account-2/gate-1',
		header: 'cf-aig-authorization',
	},
	{
		providerId: 'snowflake-cortex',
		fields: { account: 'org-account' },
		at: 'org-account.snowflakecomputing.com/api/v2/cortex/v1/chat/completions',
		header: 'authorization',
	},
	{
		providerId: 'databricks',
		fields: { host: 'dbc-1.cloud.databricks.com' },
		at: 'dbc-1.cloud.databricks.com/ai-gateway/mlflow/v1/chat/completions',
		header: 'authorization',
	},
	{
		providerId: 'infomaniak',
		fields: { INFOMANIAK_PRODUCT_ID: '4711' },
		at: 'api.infomaniak.com/2/ai/4711/openai/v1/chat/completions',
		header: 'authorization',
	},
	{
		providerId: 'neon',
		fields: { NEON_AI_GATEWAY_BASE_URL: 'https://gateway.neon.example/team' },
		model: (_, npm) => npm === undefined,
		at: 'gateway.neon.example/team/v1/chat/completions',
		header: 'authorization',
	},
	{
		providerId: 'amazon-bedrock',
		fields: { region: 'eu-central-1' },
		model: (id) => id.startsWith('eu.anthropic'),
		at: 'bedrock-runtime.eu-central-1.amazonaws.com/model/',
		header: 'authorization',
	},
	{
		providerId: 'gitlab',
		fields: { instanceUrl: 'https://gitlab.corp.example' },
		at: 'gitlab.corp.example/api/v4/ai/third_party_agents/direct_access',
		header: 'authorization',
	},
];

let fixture: Fixture;
let internet: FakeInternet;
let server: OpenCodeUnderTest;
const setups = new Map<string, ProviderSetup>();

const keyOf = (providerId: string): string => `sk-of-${providerId}-0123456789`;

beforeAll(async () => {
	fixture = await openFixture();
	internet = await startFakeInternet(HOSTS, () => ({ status: 418, body: { error: { message: 'a fake' } } }));
	const keyring = await fixture.openKeys();
	// A closed port: the list of models is the one that OpenCode was built with.
	const catalog = createCatalog({
		dataDir: fixture.dir,
		logger: createLogger('silent'),
		modelsUrl: 'http://127.0.0.1:9',
	});
	const sources = { db: fixture.db, keyring, catalog, demo: { modelId: '', modelName: '', baseUrl: () => '' } };
	const credentials = [];
	for (const { providerId, fields, model } of CASES) {
		const row = await connectProvider({ db: fixture.db, keyring, directory: catalog }, ADA, {
			providerId,
			authType: 'api',
			apiKey: keyOf(providerId),
			metadata: fields,
			skipTest: true,
		});
		setups.set(providerId, await describeProvider(sources, row, await modelOf(catalog, providerId, model)));
		credentials.push({ providerId, ...(await openCredential(fixture.db, keyring, row.id)) });
	}
	server = await startOpenCode({ providers: [...setups.values()], env: internet.env });
	for (const { providerId, auth } of credentials) await server.openCode.setCredential(providerId, auth);
});

afterAll(async () => {
	await server?.destroy();
	await internet?.close();
	await fixture?.close();
});

test.each(CASES)('$providerId: its fields lead the request and the key to $at', async ({ providerId, at, header }) => {
	const before = internet.arrivals.length;
	await prompt(providerId);
	const seen = () =>
		internet.arrivals.slice(before).filter(({ headers }) => JSON.stringify(headers).includes(keyOf(providerId)));
	await until(() => seen().length > 0, 60_000);
	for (const { host, path, headers } of seen()) {
		expect(host + path).toMatch(at.endsWith('/') ? new RegExp(`^${at}`) : new RegExp(`^${at}(\\?.*)?$`));
		expect(String(headers[header])).toContain(keyOf(providerId));
	}
});

test('no key went to another host', () => {
	for (const { providerId, at } of CASES) {
		const hosts = internet.arrivals
			.filter(({ headers, body }) => JSON.stringify([headers, body]).includes(keyOf(providerId)))
			.map(({ host }) => host);
		expect(new Set(hosts)).toEqual(new Set([at.split('/')[0]]));
	}
	expect(internet.refused.filter((host) => host.includes('gitlab'))).toEqual([]);
});

async function modelOf(catalog: Catalog, providerId: string, wanted: Case['model']): Promise<string> {
	const provider = (await catalog.find(providerId)) as CatalogProvider;
	const usable = provider.models.filter(
		({ tool_call: tools, modalities }) => tools && modalities.output.includes('text'),
	);
	const found = usable.find(({ id, provider: own }) => wanted?.(id, own?.npm) ?? true);
	if (found === undefined) throw new Error(`${providerId} has no such model among ${usable.map(({ id }) => id)}.`);
	return found.id;
}

async function prompt(providerId: string): Promise<void> {
	const messageId = newOpenCodeMessageId(Date.now());
	const modelId = setups.get(providerId)?.models[0]?.id ?? '';
	const sessionId = await server.openCode.createSession(providerId, 'A test');
	await server.openCode.sendPrompt({
		sessionId,
		messageId,
		partId: partIdOf(messageId),
		text: 'Hi',
		providerId,
		modelId,
	});
}
