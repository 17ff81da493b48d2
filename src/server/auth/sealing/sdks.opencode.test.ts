import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionRow } from '#server/auth/connections.ts';
import { Secret } from '#server/secret.ts';
import type { WireFormat } from '#shared/providers.ts';
import { type FakeLlm, startFakeLlm } from '../../../../test/fakes/llm/fakeLlm.ts';
import { until } from '../../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../../test/harness/openCode.ts';
import { ask, type GatewayFixture, listed, openGateway, REAL_KEY } from '../../gateway/testing/fixture.ts';
import { plainModel } from '../../opencode/catalogModels.ts';
import { runForCatalog } from '../../opencode/catalogRun.ts';
import { newOpenCodeMessageId, partIdOf } from '../../opencode/ids.ts';
import { SDKS } from './sdks.ts';
import { whyNotSealed } from './sealable.ts';

/** A provider of each SDK that can be sealed, under its own id: OpenCode has code of its own for some of them. */
const PROVIDERS: [string, string, WireFormat][] = [
	['compatible', '@ai-sdk/openai-compatible', 'chat-completions'],
	['openai', '@ai-sdk/openai', 'responses'],
	['anthropic', '@ai-sdk/anthropic', 'messages'],
	['google', '@ai-sdk/google', 'generate-content'],
	['xai', '@ai-sdk/xai', 'responses'],
	['azure', '@ai-sdk/azure', 'responses'],
	['mistral', '@ai-sdk/mistral', 'chat-completions'],
	['perplexity', '@ai-sdk/perplexity', 'chat-completions'],
	['deepinfra', '@ai-sdk/deepinfra', 'chat-completions'],
	['cerebras', '@ai-sdk/cerebras', 'chat-completions'],
	['groq', '@ai-sdk/groq', 'chat-completions'],
	['togetherai', '@ai-sdk/togetherai', 'chat-completions'],
	['v0', '@ai-sdk/vercel', 'chat-completions'],
	['openrouter', '@openrouter/ai-sdk-provider', 'chat-completions'],
	['venice', 'venice-ai-sdk-provider', 'chat-completions'],
	['opencode', '@ai-sdk/openai-compatible', 'chat-completions'],
	['cloudflare-workers-ai', '@ai-sdk/openai-compatible', 'chat-completions'],
	['poe', '@ai-sdk/openai-compatible', 'chat-completions'],
];
/** It takes only answers with sources, which the loopback provider does not give. */
const HALF_UNDERSTOOD = ['perplexity'];

let llm: FakeLlm;
let fixture: GatewayFixture;
let server: OpenCodeUnderTest;
let projectId: string;
const rows = new Map<string, ConnectionRow>();
const tokens = new Map<string, string>();

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [REAL_KEY] });
	fixture = await openGateway(PROVIDERS.map(([id, npm]) => listed(id, npm)));
	projectId = await fixture.addProject();
	for (const [id] of PROVIDERS) {
		const row = await fixture.connect(`${llm.url}/v1`, { providerId: id, delivery: 'sealed' });
		rows.set(id, row);
		tokens.set(id, await fixture.token(projectId, row));
	}
	const providers = PROVIDERS.map(([providerId, npm]) => {
		const baseURL = fixture.gateway.addressOf(rows.get(providerId)?.id ?? '');
		return { providerId, npm, baseURL, models: [plainModel('fake-1')] };
	});
	server = await startOpenCode({ providers });
	for (const [id, token] of tokens) await server.openCode.setCredential(id, { type: 'api', key: new Secret(token) });
});

afterAll(async () => {
	await server?.destroy();
	await fixture?.close();
	await llm?.close();
});

test.each(PROVIDERS)('%s (%s) is answered through the gateway, by %s', async (providerId, _, format) => {
	const before = llm.requests.length;
	const { error, text } = await say(providerId, 'hello');
	if (!HALF_UNDERSTOOD.includes(providerId))
		expect({ error, text }).toEqual({ error: null, text: expect.stringContaining('Done') });
	const made = llm.requests.slice(before);
	expect(made.length).toBeGreaterThan(0);
	expect(made.every((request) => request.format === format && request.key === REAL_KEY)).toBe(true);
	expect(JSON.stringify(made)).not.toContain('dpt_');
	await expect.poll(() => used(rows.get(providerId)?.id)).toMatchObject({ input_tokens: 100, output_tokens: 20 });
});

test('what OpenCode keeps is a token for each, and no key', () => {
	const stored = readFileSync(join(server.home, 'data/opencode/auth.json'), 'utf8');
	expect(Object.keys(JSON.parse(stored))).toHaveLength(PROVIDERS.length);
	expect(stored).not.toContain(REAL_KEY);
	for (const token of tokens.values()) expect(stored).toContain(token);
});

describe('without a stream', () => {
	const messages = [{ role: 'user', content: 'hello' }];
	test.each([
		['compatible', '/chat/completions', 'authorization', { model: 'fake-1', messages }],
		['openai', '/responses', 'authorization', { model: 'fake-1', input: messages }],
		['anthropic', '/messages', 'x-api-key', { model: 'fake-1', messages }],
		[
			'google',
			'/models/fake-1:generateContent',
			'x-goog-api-key',
			{ contents: [{ role: 'user', parts: [{ text: 'hello' }] }] },
		],
	])('%s answers too, and is metered', async (providerId, path, header, body) => {
		const connectionId = rows.get(providerId)?.id ?? '';
		const earlier = await used(connectionId);
		const token = tokens.get(providerId) ?? '';
		const answer = await ask(fixture.gateway, {
			target: `/${connectionId}${path}`,
			headers: { [header]: header === 'authorization' ? `Bearer ${token}` : token },
			body: JSON.stringify(body),
		});
		expect(answer.status).toBe(200);
		expect(llm.requests.at(-1)).toMatchObject({ key: REAL_KEY, status: 200 });
		await expect.poll(async () => (await used(connectionId))?.id).not.toBe(earlier?.id);
		expect(await used(connectionId)).toMatchObject({ input_tokens: 100, output_tokens: 20, model_id: 'fake-1' });
	});
});

test('a refused key is told as the provider’s own refusal, without the key', async () => {
	llm.setKeys([]);
	const { error } = await say('anthropic', 'refused');
	llm.setKeys([REAL_KEY]);
	expect(error).toMatchObject({ name: 'APIError', statusCode: 401 });
	expect(JSON.stringify(error)).not.toContain(REAL_KEY.slice(0, 12));
});

test('every SDK of OpenCode’s own catalogue is in the table, with a reason in words where it cannot be sealed', async () => {
	const { providers } = await runForCatalog({ modelsUrl: 'http://127.0.0.1:9' });
	const sdks = new Set(
		providers.flatMap(({ npm, models }) => [npm, ...models.map(({ provider }) => provider?.npm ?? npm)]),
	);
	expect([...sdks].filter((sdk) => !Object.hasOwn(SDKS, sdk))).toEqual([]);
	const tried = new Set(PROVIDERS.map(([, npm]) => npm));
	for (const npm of sdks) {
		const metadata = JSON.stringify({ custom: null, fields: {} });
		const why = whyNotSealed({ npm, models: [] }, { provider_id: 'any', auth_type: 'api', metadata });
		if (why === undefined) expect(tried).toContain(npm);
		else expect(why).toMatch(/^It cannot stay outside projects: .{20,}\.$/);
	}
});

async function say(providerId: string, text: string) {
	const { openCode } = server;
	const sessionId = await openCode.createSession(`${providerId} ${text}`, 'A site');
	const messageId = newOpenCodeMessageId(Date.now());
	await openCode.sendPrompt({ sessionId, messageId, partId: partIdOf(messageId), text, providerId, modelId: 'fake-1' });
	await until(
		async () =>
			!(await openCode.busySessions()).includes(sessionId) && (await openCode.listMessages(sessionId)).length > 1,
	);
	const last = (await openCode.listMessages(sessionId)).at(-1);
	const error = last?.message.role === 'assistant' ? last.message.error : null;
	return { error, text: (last?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('') };
}

function used(connectionId = '') {
	return fixture.db
		.selectFrom('usage_records')
		.selectAll()
		.where('connection_id', '=', connectionId)
		.orderBy('id', 'desc')
		.executeTakeFirst();
}
