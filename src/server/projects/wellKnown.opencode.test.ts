import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../../../test/fakes/llm/fakeLlm.ts';
import { until } from '../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../test/harness/openCode.ts';
import { openCredential } from '../auth/connections.ts';
import { connectProvider } from '../auth/providers.ts';
import { type FakeOrganisation, startOrganisation } from '../auth/testing/fakeOrganisation.ts';
import { ADA, type Fixture, openFixture } from '../auth/testing/fixture.ts';
import { createLogger } from '../logger.ts';
import { createCatalog } from '../opencode/catalog.ts';
import type { ProviderSetup } from '../opencode/config.ts';
import { newOpenCodeMessageId, partIdOf } from '../opencode/ids.ts';
import { describeProvider } from './connected.ts';

const TOKEN = 'corp-token-K7Qz9xW2mB4v';

let fixture: Fixture;
let llm: FakeLlm;
let corp: FakeOrganisation;
let server: OpenCodeUnderTest;
const setups: ProviderSetup[] = [];

const PROVIDERS = [
	{ id: 'corp', format: 'chat-completions', model: 'fake-1', upstream: 'fake-1' },
	{ id: 'corp-header', format: 'chat-completions', model: 'fake-1', upstream: 'fake-1' },
	{ id: 'anthropic', format: 'messages', model: 'best', upstream: 'claude-x' },
	{ id: 'mixed', format: 'messages', model: 'claude', upstream: 'claude' },
];

function documentOf(url: string) {
	const apiKey = '{env:CORP_TOKEN}';
	return {
		auth: { command: ['touch', 'never-run'], env: 'CORP_TOKEN' },
		config: {
			provider: {
				corp: {
					npm: '@ai-sdk/openai-compatible',
					options: { baseURL: `${url}/v1`, apiKey, queryParams: { team: 'blue', seen: '{env:CORP_TOKEN}' } },
					models: { 'fake-1': {} },
				},
				'corp-header': {
					npm: '@ai-sdk/openai-compatible',
					options: {
						baseURL: `${url}/v1`,
						headers: { Authorization: 'Bearer {env:CORP_TOKEN}', 'X-Team': 'red', 'X-Token': '<{env:CORP_TOKEN}>' },
					},
					models: { 'fake-1': {} },
				},
				anthropic: { options: { baseURL: `${url}/anthropic/v1`, apiKey }, models: { best: { id: 'claude-x' } } },
				mixed: {
					npm: '@ai-sdk/openai-compatible',
					options: { baseURL: `${url}/v1`, apiKey },
					models: { claude: { provider: { npm: '@ai-sdk/anthropic' } } },
				},
			},
		},
	};
}

beforeAll(async () => {
	fixture = await openFixture();
	llm = await startFakeLlm({ keys: [TOKEN] });
	corp = await startOrganisation([]);
	corp.document = documentOf(llm.url);
	const keyring = await fixture.openKeys();
	// A closed port: the list of models is the one that OpenCode was built with.
	const catalog = createCatalog({
		dataDir: fixture.dir,
		logger: createLogger('silent'),
		modelsUrl: 'http://127.0.0.1:9',
	});
	const sources = { db: fixture.db, keyring, catalog, demo: { modelId: '', modelName: '', baseUrl: () => '' } };
	const rows = [];
	for (const { id } of PROVIDERS) {
		const asked = { providerId: id, authType: 'wellknown', url: corp.url, token: TOKEN, local: true } as const;
		rows.push(await connectProvider({ db: fixture.db, keyring, directory: catalog }, ADA, asked));
	}
	// From here on the organisation's server is down.
	await corp.close();
	for (const [at, row] of rows.entries()) setups.push(await describeProvider(sources, row, PROVIDERS[at]?.model ?? ''));
	server = await startOpenCode({ providers: setups });
	for (const row of rows) {
		const { auth } = await openCredential(fixture.db, keyring, row.id);
		await server.openCode.setCredential(row.provider_id, auth);
	}
});

afterAll(async () => {
	await server?.destroy();
	await llm?.close();
	await fixture?.close();
});

test.each(PROVIDERS)(
	'with the organisation’s server down, $id answers by $format with the token',
	async ({ id, format, model, upstream }) => {
		const text = `Hello from ${id}`;
		const sessionId = await server.openCode.createSession(id, 'A test');
		const messageId = newOpenCodeMessageId(Date.now());
		const prompt = { sessionId, messageId, partId: partIdOf(messageId), text, providerId: id, modelId: model };
		await server.openCode.sendPrompt(prompt);
		await until(() => llm.requests.some(({ userText }) => userText === text), 60_000);
		const made = llm.requests.filter(({ userText }) => userText === text);
		expect(made.map((call) => [call.format, call.key, call.model, call.status])).toEqual([
			[format, TOKEN, upstream, 200],
		]);
		await until(async () => (await server.openCode.busySessions()).length === 0);
		const answer = (await server.openCode.listMessages(sessionId)).at(-1);
		expect(JSON.stringify(answer?.parts)).toContain('Done');
	},
);

test('the token stands where the document wants it, once', () => {
	const byHeader = llm.requests.find(({ userText }) => userText === 'Hello from corp-header');
	expect(byHeader?.headers).toMatchObject({
		authorization: `Bearer ${TOKEN}`,
		'x-team': 'red',
		'x-token': `<${TOKEN}>`,
	});
	expect(setups[0]?.options).toMatchObject({ queryParams: { team: 'blue', seen: TOKEN } });
	expect(corp.seen.filter(({ headers }) => JSON.stringify(headers).includes(TOKEN))).toEqual([]);
});
