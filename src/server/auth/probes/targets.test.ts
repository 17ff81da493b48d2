import { expect, test } from 'vitest';
import { type ProbeTarget, routeOf } from './targets.ts';

const target = (providerId: string, more: Partial<ProbeTarget> = {}): ProbeTarget => ({
	providerId,
	providerName: providerId,
	npm: '@ai-sdk/openai-compatible',
	api: null,
	baseURL: null,
	format: null,
	models: ['m'],
	allowPrivate: false,
	headers: {},
	fields: {},
	...more,
});

test.each([
	['anthropic', '@ai-sdk/anthropic', null, 'https://api.anthropic.com/v1/models?limit=1000', 'x-api-key', false],
	['openai', '@ai-sdk/openai', null, 'https://api.openai.com/v1/models', 'bearer', false],
	[
		'google',
		'@ai-sdk/google',
		null,
		'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000',
		'x-goog-api-key',
		false,
	],
	[
		'openrouter',
		'@openrouter/ai-sdk-provider',
		'https://openrouter.ai/api/v1',
		'https://openrouter.ai/api/v1/key',
		'bearer',
		false,
	],
	['groq', '@ai-sdk/groq', null, 'https://api.groq.com/openai/v1/models', 'bearer', false],
	[
		'deepseek',
		'@ai-sdk/openai-compatible',
		'https://api.deepseek.com',
		'https://api.deepseek.com/models',
		'bearer',
		false,
	],
	['cohere', '@ai-sdk/cohere', null, 'https://api.cohere.com/v1/models?page_size=1000', 'bearer', false],
	[
		'fireworks-ai',
		'@ai-sdk/openai-compatible',
		'https://api.fireworks.ai/inference/v1/',
		'https://api.fireworks.ai/inference/v1/models',
		'bearer',
		false,
	],
	[
		'huggingface',
		'@ai-sdk/openai-compatible',
		'https://router.huggingface.co/v1',
		'https://huggingface.co/api/whoami-v2',
		'bearer',
		false,
	],
	// Public model lists, or unknown: one token as well.
	[
		'nvidia',
		'@ai-sdk/openai-compatible',
		'https://integrate.api.nvidia.com/v1',
		'https://integrate.api.nvidia.com/v1/models',
		'bearer',
		true,
	],
	[
		'minimax',
		'@ai-sdk/anthropic',
		'https://api.minimax.io/anthropic/v1',
		'https://api.minimax.io/anthropic/v1/models',
		'x-api-key',
		true,
	],
	['perplexity', '@ai-sdk/perplexity', null, 'https://api.perplexity.ai/models', 'bearer', true],
])('%s is asked at the right place', (id, npm, api, url, header, token) => {
	expect(routeOf(target(id, { npm, api }))).toMatchObject({ check: { url, header }, token });
});

test('placeholders are filled from the extra fields, and only with what fits a host name', () => {
	const cloudflare = {
		api: `https://api.cloudflare.com/client/v4/accounts/$\{CLOUDFLARE_ACCOUNT_ID}/ai/v1`,
	};
	const account = (accountId: string) =>
		routeOf(target('cloudflare-workers-ai', { ...cloudflare, fields: { accountId } }));
	expect(account('abc123')).toMatchObject({ base: 'https://api.cloudflare.com/client/v4/accounts/abc123/ai/v1' });
	expect(account('../../evil')).toContain('accountId');
	expect(routeOf(target('azure', { npm: '@ai-sdk/azure' }))).toContain('resourceName');
	expect(routeOf(target('azure', { npm: '@ai-sdk/azure', fields: { resourceName: 'mine' } }))).toMatchObject({
		check: { url: 'https://mine.openai.azure.com/openai/v1/models', header: 'api-key' },
	});
	expect(routeOf(target('azure', { fields: { resourceName: 'evil.example/#' } }))).toContain('resourceName');
	expect(routeOf(target('amazon-bedrock'))).toMatchObject({ base: 'https://bedrock.us-east-1.amazonaws.com' });
});

test('openrouter elsewhere is asked for its key, then for a token', () => {
	const route = routeOf(target('openrouter', { baseURL: 'http://127.0.0.1:1/v1' }));
	expect(route).toMatchObject({ check: { url: 'http://127.0.0.1:1/v1/key', lists: false }, token: true });
});
