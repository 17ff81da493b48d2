import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

/*
 * A plugin for OpenCode, which runs it: a provider with a device method, a code method with prompts and a method that
 * sends the browser back, as the built-in plugins do it, against a provider on the loopback.
 */

export type FakePluginOptions = {
	providerId: string;
	name: string;
	/** The sign-in's address. */
	issuer: string;
	/** The models' address. */
	api: string;
	models: string[];
};

type Auth = { type: string; access: string; refresh: string; expires: number };
type Tokens = { access_token: string; refresh_token: string; expires_in: number };
type Client = { auth: { set(input: { path: { id: string }; body: object }): Promise<unknown> } };
type Inputs = Record<string, string>;

export function createFakePlugin(options: FakePluginOptions) {
	const { providerId, name, issuer, api, models } = options;
	return async ({ client }: { client: Client }) => ({
		config: async (config: { provider?: Record<string, unknown> }) => {
			config.provider ??= {};
			config.provider[providerId] ??= {
				name,
				npm: '@ai-sdk/openai-compatible',
				api,
				models: Object.fromEntries(models.map((id) => [id, { name: id, tool_call: true }])),
			};
		},
		auth: {
			provider: providerId,
			loader: (getAuth: () => Promise<Auth>) => load(getAuth, client, options),
			methods: [
				{ type: 'oauth', label: `${name} (device)`, authorize: () => byDevice(issuer) },
				{
					type: 'oauth',
					label: `${name} (code)`,
					prompts: PROMPTS,
					authorize: (inputs?: Inputs) => byCode(issuer, inputs),
				},
				{ type: 'oauth', label: `${name} (browser)`, authorize: () => byBrowser(issuer) },
				{ type: 'api', label: 'API key' },
			],
		},
	});
}

const PROMPTS = [
	{
		type: 'select',
		key: 'plan',
		message: 'Which plan?',
		options: [
			{ label: 'Personal', value: 'personal' },
			{ label: 'Team', value: 'team', hint: 'Needs its name' },
		],
	},
	{
		type: 'text',
		key: 'team',
		message: 'Team name',
		placeholder: 'acme',
		when: { key: 'plan', op: 'eq', value: 'team' },
		validate: (value: string) => (/^[a-z]+$/.test(value) ? undefined : 'A team name has lower-case letters only.'),
	},
];

/** As the built-in ones do: reads the credential at each request, and refreshes a past one by itself if it can. */
async function load(getAuth: () => Promise<Auth>, client: Client, { providerId, issuer }: FakePluginOptions) {
	if ((await getAuth()).type !== 'oauth') return {};
	return {
		apiKey: 'unused',
		async fetch(input: string | URL, init: RequestInit = {}) {
			let auth = await getAuth();
			if (auth.expires < Date.now()) {
				const tokens = await ask(issuer, { grant_type: 'refresh_token', refresh_token: auth.refresh });
				if (tokens === undefined) throw new Error('Token refresh failed');
				auth = success(tokens);
				await client.auth.set({ path: { id: providerId }, body: { ...auth, type: 'oauth' } });
			}
			const headers = new Headers(init.headers);
			headers.set('authorization', `Bearer ${auth.access}`);
			return fetch(input, { ...init, headers });
		},
	};
}

async function byDevice(issuer: string) {
	const device = await (await fetch(`${issuer}/device`, { method: 'POST' })).json();
	const callback = async () => {
		for (;;) {
			const form = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: device.device_code };
			const reply = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(form) });
			const said = await reply.json();
			if (reply.ok) return success(said);
			if (said.error !== 'authorization_pending') return { type: 'failed' };
			await new Promise((resolve) => setTimeout(resolve, device.interval * 1000));
		}
	};
	return { url: device.verification_uri, instructions: `Enter code: ${device.user_code}`, method: 'auto', callback };
}

async function byCode(issuer: string, inputs: Inputs = {}) {
	const { link, verifier, state } = pkce(issuer, 'oob', inputs['team']);
	const callback = async (pasted: string) => {
		const [code = '', shown] = pasted.split('#');
		const tokens = shown === state ? await exchangeCode(issuer, code, verifier) : undefined;
		return tokens === undefined ? { type: 'failed' } : success(tokens);
	};
	return { url: link, instructions: 'Copy the code that the page shows', method: 'code', callback };
}

async function byBrowser(issuer: string) {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	promise.catch(() => undefined);
	const server = createServer((request, response) => {
		const url = new URL(request.url ?? '/', 'http://localhost');
		if (url.pathname !== '/callback') return void response.writeHead(404).end();
		const isOurs = url.searchParams.get('state') === state;
		response.writeHead(isOurs ? 200 : 400).end(isOurs ? 'Signed in.' : 'Another state.');
		if (isOurs) resolve(url.searchParams.get('code') ?? '');
		else reject(new Error('Another state.'));
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	const { port } = server.address() as { port: number };
	const { link, verifier, state } = pkce(issuer, `http://127.0.0.1:${port}/callback`);
	const callback = async () => {
		const tokens = await exchangeCode(issuer, await promise, verifier);
		server.close();
		return tokens === undefined ? { type: 'failed' } : success(tokens);
	};
	return { url: link, instructions: 'Complete the sign-in in your browser', method: 'auto', callback };
}

function pkce(issuer: string, back: string, team = '') {
	const verifier = randomBytes(32).toString('base64url');
	const state = randomBytes(12).toString('base64url');
	const challenge = createHash('sha256').update(verifier).digest('base64url');
	const query = { response_type: 'code', redirect_uri: back, code_challenge: challenge, state, team };
	return { link: `${issuer}/authorize?${new URLSearchParams(query)}`, verifier, state };
}

function exchangeCode(issuer: string, code: string, verifier: string): Promise<Tokens | undefined> {
	return ask(issuer, { grant_type: 'authorization_code', code, code_verifier: verifier });
}

async function ask(issuer: string, form: Record<string, string>): Promise<Tokens | undefined> {
	const reply = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(form) });
	return reply.ok ? ((await reply.json()) as Tokens) : undefined;
}

function success(tokens: Tokens) {
	const expires = Date.now() + tokens.expires_in * 1000;
	return { type: 'success', access: tokens.access_token, refresh: tokens.refresh_token, expires };
}
