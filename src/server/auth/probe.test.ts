import { afterEach, expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import type { WireFormat } from '#shared/providers.ts';
import { loadModels, probe } from './probe.ts';
import type { ProbeTarget } from './probes/targets.ts';
import { type FakeProvider, likeOpenAI, replyJson, startFakeProvider } from './testing/fakeProvider.ts';

const KEY = 'sk-canary-1234567890abcd';
const key = new Secret(KEY);
let provider: FakeProvider | undefined;
afterEach(() => provider?.close());

async function fake(answer: Parameters<typeof startFakeProvider>[0]): Promise<FakeProvider> {
	provider = await startFakeProvider(answer);
	return provider;
}

const refusing = (status: number, message: string, headers = {}) =>
	fake(({ path }, response) => {
		if (path.endsWith('/models')) return replyJson(response, 200, { data: [{ id: 'fake-1' }] });
		return replyJson(response, status, { error: { message } }, headers);
	});

const targetAt = (baseURL: string, more: Partial<ProbeTarget> = {}): ProbeTarget => ({
	providerId: 'mine',
	providerName: 'Mine',
	npm: null,
	api: null,
	baseURL,
	format: 'chat-completions',
	models: ['fake-1'],
	allowPrivate: true,
	headers: {},
	fields: {},
	...more,
});

const run = (target: ProbeTarget, more: { key?: Secret | undefined; timeoutMs?: number } = {}) =>
	probe({ target, key, placeholder: 'none', ...more });

test.each<[WireFormat, string, string, string]>([
	['chat-completions', '/v1/chat/completions', 'authorization', `Bearer ${KEY}`],
	['responses', '/v1/responses', 'authorization', `Bearer ${KEY}`],
	['messages', '/v1/messages', 'x-api-key', KEY],
	['generate-content', '/v1/models/fake-1:generateContent', 'x-goog-api-key', KEY],
])(
	'a %s endpoint is asked for its models and for one token, with the key in its own header',
	async (format, path, header, value) => {
		const { baseURL, seen } = await fake(likeOpenAI([KEY]));
		const outcome = await run(targetAt(baseURL, { format, headers: { 'x-team': new Secret('team-secret') } }));
		expect(outcome).toMatchObject({ ok: true, status: 'connected', reason: null, modelCount: 1, skippable: false });
		expect(outcome.message).toBe('Mine accepts the key: 1 model. Tested with one short request to fake-1.');
		expect(seen.map((request) => request.path)).toEqual(['/v1/models', path]);
		for (const request of seen) {
			expect(request.headers[header]).toBe(value);
			expect(request.headers['x-team']).toBe('team-secret');
		}
	},
);

test('a wrong key is found out although the model list is public, and no word of the key comes back', async () => {
	const { baseURL } = await fake(likeOpenAI(['another']));
	const outcome = await run(targetAt(baseURL));
	expect(outcome).toMatchObject({ ok: false, status: 'error', reason: 'key_rejected', skippable: false });
	expect(outcome.message).toBe('Mine rejected the key (401). It says: Incorrect API key provided: [key].');
});

test.each([
	['openai', '@ai-sdk/openai', '/v1/responses'],
	['anthropic', '@ai-sdk/anthropic', '/v1/messages'],
	['google', '@ai-sdk/google', '/v1/models/fake-1:generateContent'],
	['xai', '@ai-sdk/xai', '/v1/responses'],
	['groq', '@ai-sdk/groq', '/v1/chat/completions'],
])('%s at another address keeps the format of its own SDK', async (providerId, npm, path) => {
	const { baseURL, seen } = await fake(likeOpenAI([KEY]));
	const target = targetAt(baseURL, { providerId, npm, format: null });
	expect(await run(target)).toMatchObject({ ok: true });
	expect(seen.at(-1)?.path).toBe(path);
	expect(await run(target, { key: new Secret('sk-wrong-wrong-wrong') })).toMatchObject({ reason: 'key_rejected' });
});

test.each([
	[401, 'no such key', { reason: 'key_rejected', skippable: false }],
	[403, 'forbidden', { reason: 'key_rejected', skippable: false }],
	[400, 'API key not valid. Please pass a valid API key.', { reason: 'key_rejected', skippable: false }],
	[402, 'pay first', { reason: 'out_of_credit', skippable: false }],
	[400, 'Your credit balance is too low', { reason: 'out_of_credit', skippable: false }],
	[429, 'You exceeded your current quota (insufficient_quota)', { reason: 'out_of_credit', skippable: false }],
	[429, 'slow down', { reason: 'rate_limited', skippable: true, status: 'connected' }],
	[500, 'oh dear', { reason: 'unreachable', skippable: false }],
	[404, 'model fake-1 not found', { reason: null, skippable: false }],
	[418, 'teapot', { reason: null, skippable: false }],
])('%i "%s" means %o', async (status, message, expected) => {
	const { baseURL } = await refusing(status, message, { 'retry-after': '42' });
	const outcome = await run(targetAt(baseURL));
	expect(outcome).toMatchObject({ ok: false, ...expected });
	expect(outcome.message).toContain(message);
	if (expected.reason === 'rate_limited') expect(outcome.message).toContain('42 s');
});

test('a provider that echoes the key, long and broken into lines, is shortened and redacted', async () => {
	const { baseURL } = await refusing(
		401,
		`${'x '.repeat(50)}\n${KEY} ${Buffer.from(KEY).toString('base64')} ${'y '.repeat(900)}`,
	);
	const { message } = await run(targetAt(baseURL));
	expect(message.length).toBeLessThan(400);
	expect(message).toContain('[key]');
	expect(message).not.toContain(KEY.slice(3, 15));
});

test('silence is unreachable and skippable; nobody there is not', async () => {
	const { baseURL, close } = await fake(() => undefined);
	expect(await run(targetAt(baseURL), { timeoutMs: 100 })).toMatchObject({ reason: 'unreachable', skippable: true });
	await close();
	provider = undefined;
	expect(await run(targetAt(baseURL))).toMatchObject({ reason: 'unreachable', skippable: false });
});

test('a web page is no API, and a redirect is named', async () => {
	const page = await fake((_request, response) => void response.end('<html>welcome</html>'));
	expect(await run(targetAt(page.baseURL))).toMatchObject({
		ok: false,
		message: expect.stringContaining('not like an API'),
	});
	await page.close();
	const moved = await fake(
		(_request, response) => void response.writeHead(301, { location: 'https://new.example/v1' }).end(),
	);
	expect(await run(targetAt(moved.baseURL))).toMatchObject({ message: expect.stringContaining('https://new.example') });
});

test('an endpoint without a key gets the placeholder', async () => {
	const { baseURL, seen } = await fake(likeOpenAI(['none']));
	const outcome = await run(targetAt(baseURL), { key: undefined });
	expect(outcome).toMatchObject({ ok: true, message: expect.stringContaining('Mine answers') });
	expect(seen.at(-1)?.headers.authorization).toBe('Bearer none');
});

test('a model that takes no max_tokens is asked again without', async () => {
	const { baseURL, seen } = await fake(({ path, body }, response) => {
		if (path.endsWith('/models')) return replyJson(response, 404, {});
		if (body.includes('max_tokens'))
			return replyJson(response, 400, { error: { message: "Unsupported parameter: 'max_tokens'" } });
		return replyJson(response, 200, { choices: [] });
	});
	expect(await run(targetAt(baseURL))).toMatchObject({ ok: true });
	expect(seen).toHaveLength(3);
});

test('a private address is refused before anything is sent', async () => {
	const { baseURL, seen } = await fake(likeOpenAI([KEY]));
	await expect(run(targetAt(baseURL, { allowPrivate: false }))).rejects.toThrow('private address');
	expect(seen).toEqual([]);
});

test('what cannot be tested says so', async () => {
	const target = targetAt('', { providerId: 'sap-ai-core', providerName: 'SAP AI Core', baseURL: null });
	expect(await run(target)).toMatchObject({
		ok: false,
		reason: 'not_tested',
		skippable: true,
		message: expect.stringContaining('SAP AI Core'),
	});
});

test.each([
	[
		{ data: [{ id: 'b' }, { id: 'a', display_name: 'A' }] },
		[
			{ id: 'a', name: 'A' },
			{ id: 'b', name: 'b' },
		],
	],
	[{ models: [{ name: 'models/gemini-x', displayName: 'Gemini X' }] }, [{ id: 'gemini-x', name: 'Gemini X' }]],
	[[{ id: 't' }], [{ id: 't', name: 't' }]],
])('models are loaded from each shape of list', async (body, models) => {
	const { baseURL, seen } = await fake((_request, response) => replyJson(response, 200, body));
	expect(await loadModels({ baseURL: `${baseURL}/`, key, format: 'messages', local: true })).toEqual(models);
	expect(seen[0]).toMatchObject({ path: '/v1/models', headers: { 'x-api-key': KEY } });
});

test('when there is no list, loading says why', async () => {
	const { baseURL } = await fake(({ path }, response) =>
		path.startsWith('/v1')
			? replyJson(response, 401, { error: `bad ${KEY}` })
			: replyJson(response, 200, { hello: 'you' }),
	);
	const load = (address: string, local = true) =>
		loadModels({ baseURL: address, key, format: 'chat-completions', local });
	await expect(load(baseURL)).rejects.toThrow(/rejected the key \(401\). It says: bad \[key\]/);
	await expect(load(baseURL.replace('/v1', '/v2'))).rejects.toThrow('not with a list of models');
	await expect(load(baseURL, false)).rejects.toThrow('private address');
	await expect(load('nonsense')).rejects.toThrow('not a web address');
});
