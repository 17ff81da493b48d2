import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConnectProviderInput } from '#shared/providers.ts';
import { connectProvider } from '../auth/providers.ts';
import { ADA, type Fixture, openFixture } from '../auth/testing/fixture.ts';
import { listed } from '../gateway/testing/fixture.ts';
import type { Catalog, CatalogProvider } from '../opencode/catalog.ts';
import { plainModel } from '../opencode/catalogModels.ts';
import { openCodeFolders } from '../opencode/server.ts';
import { accessOf, accessOfOpenCode, destinationsOf } from './access.ts';
import { projectPaths } from './paths.ts';
import { findProject } from './projects.ts';
import { workspaceFolders } from './workspace/workspace.ts';

let fixture: Fixture;

beforeEach(async () => {
	fixture = await openFixture();
});
afterEach(() => fixture.close());

const asks = (...keys: string[]) => ({
	authMethods: [
		{ type: 'api' as const, label: '', prompts: keys.map((key) => ({ type: 'text' as const, key, message: key })) },
	],
});
/** A model with an address in which OpenCode fills a place itself. */
const modelAt = (before: string, name: string, after: string) => ({
	models: [{ ...plainModel('fake-1'), provider: { api: `${before}\${${name}}${after}` } }],
});
const PROVIDERS: CatalogProvider[] = [
	listed('anthropic', '@ai-sdk/anthropic'),
	listed('openai', '@ai-sdk/openai'),
	listed('cohere', '@ai-sdk/cohere'),
	listed('gitlab', 'gitlab-ai-provider', asks('instanceUrl')),
	listed('cloudflare-ai-gateway', 'ai-gateway-provider', asks('accountId', 'gatewayId')),
	listed('amazon-bedrock', '@ai-sdk/amazon-bedrock', modelAt('https://bedrock-mantle.', 'AWS_REGION', '.api.aws/v1')),
	listed('google-vertex', '@ai-sdk/google-vertex'),
	listed('azure', '@ai-sdk/azure', {
		...modelAt('https://', 'AZURE_RESOURCE_NAME', '.services.ai.azure.com/models'),
		...asks('resourceName'),
	}),
	listed('hugging', '@ai-sdk/openai-compatible', { api: 'https://router.huggingface.co/v1' }),
];

/** A project of a connection, and what its access is worked out with. */
async function serve(providerId: string, more: Partial<ConnectProviderInput>) {
	const { db, dir } = fixture;
	const find = async (id: string) => PROVIDERS.find((one) => one.id === id);
	const catalog = { find } as Catalog;
	const keyring = await fixture.openKeys();
	const input = { providerId, authType: 'api' as const, apiKey: 'sk-a-key-1234567890', skipTest: true, ...more };
	await connectProvider({ db, keyring, directory: catalog }, ADA, input);
	const now = Date.now();
	const facts = { prompt: '', status: 'running', runtime: 'process', last_active_at: now } as const;
	const model = { current_model_provider_id: providerId, current_model_id: 'fake-1' };
	const values = {
		id: 'p1',
		user_id: ADA.id,
		name: 'p',
		slug: 'p',
		...facts,
		...model,
		created_at: now,
		updated_at: now,
	};
	await db.insertInto('projects').values(values).execute();
	const project = await findProject(db, 'p1');
	if (project === undefined) throw new Error('It was just made');
	const gateway = {
		addressOf: () => 'http://127.0.0.1:3129/x',
		listenForProject: async () => '/run/gateway/p1/g.sock',
	};
	const demo = { modelId: 'demo', modelName: 'Demo', baseUrl: () => 'http://127.0.0.1:4321/demo' };
	const runtime = { isolation: { level: 'isolated' as const, reason: '' } };
	return { project, services: { db, keyring, catalog, gateway, demo, runtime, dataDir: dir } };
}

test.each([
	['anthropic', {}, ['api.anthropic.com']],
	['openai', {}, ['api.openai.com', 'chatgpt.com']],
	['cohere', {}, ['api.cohere.ai', 'api.cohere.com']],
	['gitlab', { instanceUrl: 'https://gitlab.com' }, ['cloud.gitlab.com', 'gitlab.com']],
	['gitlab', { instanceUrl: 'https://gitlab.corp.example' }, ['cloud.gitlab.com', 'gitlab.corp.example']],
	['cloudflare-ai-gateway', { accountId: 'a1', gatewayId: 'g1' }, ['gateway.ai.cloudflare.com']],
	[
		'amazon-bedrock',
		{ region: 'eu-west-1' },
		['bedrock-mantle.eu-west-1.api.aws', 'bedrock-runtime.eu-west-1.amazonaws.com', 'bedrock.eu-west-1.amazonaws.com'],
	],
	[
		'google-vertex',
		{},
		[
			'aiplatform.googleapis.com',
			'aiplatform.us-central1.rep.googleapis.com',
			'oauth2.googleapis.com',
			'us-central1-aiplatform.googleapis.com',
		],
	],
	['azure', { resourceName: 'mine' }, ['mine.openai.azure.com', 'mine.services.ai.azure.com']],
	['hugging', {}, ['router.huggingface.co']],
])('with a copied key of %s and %o a project reaches %o', async (providerId, metadata, hosts) => {
	const { project, services } = await serve(providerId, { metadata, delivery: 'direct' });
	const found = await destinationsOf(services, project);
	expect(found.map(({ host }) => host).sort()).toEqual(hosts);
	for (const each of found) expect(each).toMatchObject({ port: 443, local: false });
});

test('with an address of its own, that one alone', async () => {
	const url = 'https://llm.corp.example:8443/v1';
	const { project, services } = await serve('openai', { url, delivery: 'direct' });
	expect(await destinationsOf(services, project)).toEqual([{ host: 'llm.corp.example', port: 8443, local: false }]);
});

test('with a key that stays outside a project reaches no provider, and its OpenCode alone the gateway', async () => {
	const { project, services } = await serve('anthropic', { delivery: 'sealed' });
	const { workspace, home } = projectPaths(services.dataDir, project.id);
	for (const folder of [...workspaceFolders(workspace), ...openCodeFolders(home)])
		mkdirSync(folder, { recursive: true });
	const access = await accessOf(services, project);
	expect(access).toMatchObject({ destinations: [], ports: [], read: [] });
	const own = await accessOfOpenCode(services, project);
	expect(own.ports).toEqual([{ port: 3129, socket: '/run/gateway/p1/g.sock' }]);
	expect(own.write).toContain(home);
	expect(access.write.filter((folder) => folder.startsWith(home) || home.startsWith(folder))).toEqual([]);
});
