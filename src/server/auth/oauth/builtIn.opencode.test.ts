import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import { type Internet, type InternetRequest, startInternet } from '../../../../test/fakes/internet/internet.ts';
import { type FakeLlm, startFakeLlm } from '../../../../test/fakes/llm/fakeLlm.ts';
import { until } from '../../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../../test/harness/openCode.ts';
import { plainModel } from '../../opencode/catalogModels.ts';
import type { OpenCodeAuth } from '../../opencode/client.ts';
import { newOpenCodeMessageId, partIdOf } from '../../opencode/ids.ts';
import { exchange } from '../refresh/exchange.ts';
import { SIGN_INS } from './recipes.ts';
import { forProject, type SignIn } from './signIn.ts';

/*
 * The plugins that come with OpenCode, in an internet whose hosts are all played by this test: whether a project can
 * live without the refresh token is their doing, and may change with a new OpenCode.
 */

const HOSTS = {
	openai: { npm: '@ai-sdk/openai', model: 'gpt-5.4', llm: 'chatgpt.com', tokens: 'auth.openai.com' },
	xai: { npm: '@ai-sdk/xai', model: 'grok-4.7', llm: 'api.x.ai', tokens: 'auth.x.ai' },
	'snowflake-cortex': {
		npm: '@ai-sdk/openai-compatible',
		model: 'claude-sonnet-4-5',
		llm: 'acct.snowflakecomputing.com',
		tokens: 'acct.snowflakecomputing.com',
	},
	'github-copilot': {
		npm: '@ai-sdk/github-copilot',
		api: 'https://api.githubcopilot.com',
		model: 'gpt-4.1',
		llm: 'api.githubcopilot.com',
		tokens: 'github.com',
	},
	poe: {
		npm: '@ai-sdk/openai-compatible',
		api: 'https://api.poe.com/v1',
		model: 'anthropic/claude-sonnet-4.5',
		llm: 'api.poe.com',
		tokens: 'api.poe.com',
	},
	digitalocean: {
		npm: '@ai-sdk/openai-compatible',
		api: 'https://inference.do-ai.run/v1',
		model: 'glm-5',
		llm: 'inference.do-ai.run',
		tokens: 'api.digitalocean.com',
	},
	gitlab: { npm: 'gitlab-ai-provider', model: 'duo-chat-sonnet-4-5', llm: 'gitlab.com', tokens: 'cloud.gitlab.com' },
};
type ProviderId = keyof typeof HOSTS;
const IDS = (Object.keys(HOSTS) as ProviderId[]).filter((id) => id !== 'gitlab');
/** Those whose plugin reads the credential again at each request. */
const LIVE: ProviderId[] = ['openai', 'xai', 'snowflake-cortex', 'github-copilot'];

let dir: string;
let llm: FakeLlm;
let internet: Internet;
let server: OpenCodeUnderTest;

beforeAll(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-internet-'));
	llm = await startFakeLlm({ keys: ['at-1', 'at-2', 'at-new'] });
	const names = [...new Set(Object.values(HOSTS).flatMap((host) => [host.llm, host.tokens]))];
	internet = await startInternet({ dir, names, llmUrl: llm.url, answer });
	const providers = Object.entries(HOSTS).map(([providerId, { npm, model, ...rest }]) => ({
		providerId,
		npm,
		...('api' in rest && { api: rest.api }),
		models: [plainModel(model, model)],
	}));
	server = await startOpenCode({ providers, env: internet.env });
});

afterAll(async () => {
	await server?.destroy();
	await internet?.close();
	await llm?.close();
	if (dir !== undefined) rmSync(dir, { recursive: true });
});

function answer({ path, body, headers }: InternetRequest) {
	if (path.endsWith('/third_party_agents/direct_access')) {
		const isOld = headers['authorization'] === 'Bearer at-1';
		return isOld ? { status: 401, json: {} } : { json: { headers: {}, token: 'gateway' } };
	}
	if (path.endsWith('/models')) return { status: 404, json: {} };
	if (!new URLSearchParams(body).has('grant_type')) return undefined;
	return { json: { access_token: 'at-new', refresh_token: 'rt-new', expires_in: 3_600 } };
}

const signIn = (access: string): SignIn => ({
	type: 'oauth',
	access: new Secret(access),
	refresh: new Secret(access),
	expires: Date.now() + 60_000,
	accountId: 'acct',
	enterpriseUrl: undefined,
});

describe('a project without a refresh token', () => {
	test.each(IDS)('of %s works, and refreshes nothing by itself', async (providerId) => {
		const { model, llm: host } = HOSTS[providerId];
		await server.openCode.setCredential(providerId, forProject(signIn('at-1'), providerId));
		await server.openCode.dispose();
		expect(await keysUsed(providerId, model, host)).toEqual(['at-1']);
	});

	test.each(LIVE)('of %s uses a pushed token at once, without a dispose', async (providerId) => {
		const { model, llm: host } = HOSTS[providerId];
		await server.openCode.setCredential(providerId, forProject(signIn('at-2'), providerId));
		expect(await keysUsed(providerId, model, host)).toEqual(['at-2']);
	});

	test('of gitlab takes a pushed token up when the old one is refused', async () => {
		const { model, llm: host, tokens } = HOSTS.gitlab;
		await server.openCode.setCredential('gitlab', forProject(signIn('at-1'), 'gitlab'));
		await server.openCode.dispose();
		// Any prompt loads every provider, and with them the token that is no good any more.
		await keysUsed('poe', HOSTS.poe.model, HOSTS.poe.llm);
		await server.openCode.setCredential('gitlab', forProject(signIn('at-2'), 'gitlab'));
		expect(await keysUsed('gitlab', model, host)).toEqual(['at-1', 'at-2']);
		// Its own gateway then knows the project by the pass that GitLab gave for the new token.
		const passes = internet.seen.filter((each) => each.host === tokens).map(({ headers }) => headers['authorization']);
		expect(new Set(passes)).toEqual(new Set(['Bearer gateway']));
	});

	test('asked no provider for new tokens', () => {
		expect(internet.seen.filter(({ body }) => body.includes('grant_type'))).toEqual([]);
	});
});

test.each(['openai', 'xai', 'snowflake-cortex'] as const)(
	'doce renews a sign-in to %s with the request that OpenCode’s own plugin makes',
	async (providerId) => {
		const { model, llm: host, tokens } = HOSTS[providerId];
		const past: OpenCodeAuth = {
			type: 'oauth',
			access: new Secret('at-old'),
			refresh: new Secret('rt-1'),
			expires: 1,
			accountId: 'acct',
		};
		await server.openCode.setCredential(providerId, past);
		await server.openCode.dispose();
		expect(await keysUsed(providerId, model, host)).toEqual(['at-new']);
		const theirs = internet.seen.find((each) => each.host === tokens && each.body.includes('grant_type'));
		const ours = await requestOf(providerId);
		expect(ours).toEqual({
			url: `https://${theirs?.host}${theirs?.path}`,
			form: Object.fromEntries(new URLSearchParams(theirs?.body)),
			authorization: theirs?.headers['authorization'],
		});
	},
);

/** What doce itself asks, caught on the loopback. */
async function requestOf(providerId: 'openai' | 'xai' | 'snowflake-cortex') {
	const renewal = SIGN_INS[providerId]?.renewal;
	if (renewal == null) throw new Error('It is not renewed.');
	const url = renewal.tokenUrl.replace('{accountId}', 'acct');
	const catcher = await catchAt(url);
	const old = { ...signIn('at-old'), refresh: new Secret('rt-1') };
	await exchange(old, { ...renewal, tokenUrl: catcher.url, allowPrivate: true });
	return { url, ...catcher.caught() };
}

async function catchAt(url: string) {
	let caught = { form: {} as Record<string, string>, authorization: undefined as string | undefined };
	const catcher = createServer(async (request, response) => {
		const form = Object.fromEntries(new URLSearchParams(await text(request)));
		caught = { form, authorization: request.headers.authorization };
		response.end('{}');
		catcher.close();
	});
	await new Promise<void>((resolve) => catcher.listen(0, '127.0.0.1', resolve));
	const { port } = catcher.address() as { port: number };
	return { url: `http://127.0.0.1:${port}${new URL(url).pathname}`, caught: () => caught };
}

/** The keys that a prompt showed to the provider's host. */
async function keysUsed(providerId: string, modelId: string, host: string): Promise<string[]> {
	const { openCode } = server;
	const before = internet.seen.length;
	const sessionId = await openCode.ensureSession(`${providerId}-${before}`, 'A test');
	const messageId = newOpenCodeMessageId(Date.now());
	await openCode.sendPrompt({ sessionId, messageId, partId: partIdOf(messageId), text: 'hello', providerId, modelId });
	await until(async () => {
		const last = (await openCode.listMessages(sessionId)).at(-1)?.message;
		return last?.role === 'assistant' && !(await openCode.busySessions()).includes(sessionId);
	});
	const asked = internet.seen.slice(before).filter((each) => each.host === host && !each.body.includes('grant_type'));
	const keys = asked.map(({ headers }) => (headers['authorization'] ?? '').replace('Bearer ', ''));
	return [...new Set(keys)];
}
