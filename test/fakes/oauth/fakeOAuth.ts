import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FakePluginOptions } from './plugin.ts';

/** One request for tokens as the provider saw it. */
export type TokenRequest = { grant: string; ok: boolean; reused: boolean };

/** A provider on the loopback that people sign in to: device and code, refresh tokens for a single use, short lives. */
export type FakeOAuth = {
	url: string;
	requests: TokenRequest[];
	/** Every token that was given out, access and refresh. */
	issued: string[];
	/** How often new tokens were given for a refresh token. */
	refreshes(): number;
	/** What a person does on the provider's page. */
	approve(userCode: string, account?: string): void;
	deny(userCode: string): void;
	/** The code that the page of the code method shows after signing in. */
	codeFor(link: string, account?: string): string;
	/** Tokens without a page, for what begins after a sign-in. */
	grant(account?: string): { access: string; refresh: string; expires: number };
	/** From now on tokens are given out only after `release`; what was asked meanwhile is counted. */
	hold(): { asked(): number; release(): void };
	/** Answers every request for tokens with this status, and this word; undefined ends it. */
	setTrouble(status: number | undefined, word?: string): void;
	/** Ends every sign-in: no refresh token is good any more. */
	revoke(): void;
	/** How long tokens live that are given out from now on, in seconds. */
	setLife(seconds: number): void;
	close(): Promise<void>;
};

type Options = {
	/** Seconds. */
	life?: number;
	/** Told of the access tokens that are good now, whenever that changes. */
	onKeys?: (keys: string[]) => void;
};

type Grant = { account: string; approved: boolean; denied: boolean; challenge?: string | undefined };
type Reply = { status: number; body: Record<string, unknown> };

export async function startFakeOAuth({ life = 3_600, onKeys = () => undefined }: Options = {}): Promise<FakeOAuth> {
	const devices = new Map<string, Grant & { userCode: string }>();
	const codes = new Map<string, Grant>();
	const refreshTokens = new Map<string, { account: string; used: boolean }>();
	const keys = new Map<string, NodeJS.Timeout>();
	const requests: TokenRequest[] = [];
	const issued: string[] = [];
	const state = { life, trouble: undefined as Reply | undefined, gate: Promise.resolve(), asked: 0 };

	function issue(account: string): Reply {
		const access = jwt({ email: account, jti: randomBytes(12).toString('hex') });
		const refresh = `rt-${randomBytes(24).toString('hex')}`;
		refreshTokens.set(refresh, { account, used: false });
		issued.push(access, refresh);
		const end = setTimeout(() => forget(access), state.life * 1000);
		keys.set(access, end.unref());
		onKeys([...keys.keys()]);
		const body = { access_token: access, refresh_token: refresh, expires_in: state.life, token_type: 'Bearer' };
		return { status: 200, body };
	}

	function forget(access: string): void {
		keys.delete(access);
		onKeys([...keys.keys()]);
	}

	function byRefreshToken(token: string): Reply {
		const known = refreshTokens.get(token);
		requests.push({ grant: 'refresh_token', ok: known?.used === false, reused: known?.used === true });
		if (known === undefined || known.used) return refuse('invalid_grant');
		known.used = true;
		return issue(known.account);
	}

	function byCode(code: string, verifier: string): Reply {
		const grant = codes.get(code);
		codes.delete(code);
		const ok = grant !== undefined && grant.challenge === createHash('sha256').update(verifier).digest('base64url');
		requests.push({ grant: 'authorization_code', ok, reused: false });
		return ok ? issue(grant.account) : refuse('invalid_grant');
	}

	function byDevice(deviceCode: string): Reply {
		const device = devices.get(deviceCode);
		if (device === undefined) return refuse('expired_token');
		if (device.denied) return refuse('access_denied');
		if (!device.approved) return refuse('authorization_pending');
		devices.delete(deviceCode);
		requests.push({ grant: 'device_code', ok: true, reused: false });
		return issue(device.account);
	}

	async function token(form: URLSearchParams): Promise<Reply> {
		const grant = form.get('grant_type');
		if (grant === 'urn:ietf:params:oauth:grant-type:device_code') return byDevice(form.get('device_code') ?? '');
		state.asked++;
		await state.gate;
		if (state.trouble !== undefined) return state.trouble;
		if (grant === 'refresh_token') return byRefreshToken(form.get('refresh_token') ?? '');
		return byCode(form.get('code') ?? '', form.get('code_verifier') ?? '');
	}

	function newDevice(): Reply {
		const [deviceCode, userCode] = [randomBytes(12).toString('hex'), newUserCode()];
		devices.set(deviceCode, { userCode, account: 'ada@example.com', approved: false, denied: false });
		const body = { device_code: deviceCode, user_code: userCode, verification_uri: `${url}/activate`, interval: 0.2 };
		return { status: 200, body };
	}

	function codeFor(link: string, account = 'ada@example.com'): string {
		const challenge = new URL(link).searchParams.get('code_challenge') ?? undefined;
		const code = randomBytes(12).toString('hex');
		codes.set(code, { account, approved: true, denied: false, challenge });
		return `${code}#${new URL(link).searchParams.get('state')}`;
	}

	const byUserCode = (userCode: string) => {
		const found = [...devices.values()].find((device) => device.userCode === userCode.toUpperCase());
		if (found === undefined) throw new Error(`There is no code ${userCode}.`);
		return found;
	};

	async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const asked = new URL(request.url ?? '/', url);
		if (asked.pathname === '/token') return send(response, await token(new URLSearchParams(await text(request))));
		if (asked.pathname === '/device') return send(response, newDevice());
		if (asked.pathname === '/authorize') return authorizePage(asked, response);
		send(response, { status: 404, body: {} });
	}

	function authorizePage(asked: URL, response: ServerResponse): void {
		const back = asked.searchParams.get('redirect_uri') ?? '';
		const [code = '', state = ''] = codeFor(asked.href).split('#');
		const query = new URLSearchParams({ code, state });
		response.writeHead(302, { location: `${back}?${query}` }).end();
	}

	const server = createServer((request, response) => void answer(request, response));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		url,
		requests,
		issued,
		refreshes: () => requests.filter(({ grant, ok }) => grant === 'refresh_token' && ok).length,
		approve: (userCode, account = 'ada@example.com') =>
			Object.assign(byUserCode(userCode), { account, approved: true }),
		deny: (userCode) => void Object.assign(byUserCode(userCode), { denied: true }),
		codeFor,
		grant(account = 'ada@example.com') {
			const { body } = issue(account);
			const expires = Date.now() + state.life * 1000;
			return { access: String(body['access_token']), refresh: String(body['refresh_token']), expires };
		},
		hold() {
			const { promise, resolve } = Promise.withResolvers<void>();
			Object.assign(state, { gate: promise, asked: 0 });
			return { asked: () => state.asked, release: resolve };
		},
		setTrouble(status, error = 'temporarily_unavailable') {
			state.trouble = status === undefined ? undefined : { status, body: { error } };
		},
		revoke: () => refreshTokens.clear(),
		setLife: (seconds) => void Object.assign(state, { life: seconds }),
		close: async () => {
			for (const end of keys.values()) clearTimeout(end);
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** Writes the plugin that teaches OpenCode this provider, and returns its path. */
export function writePlugin(dir: string, options: FakePluginOptions): string {
	mkdirSync(dir, { recursive: true });
	const path = join(dir, 'fake-oauth-plugin.ts');
	// Beside it, since a fenced OpenCode sees nothing of this repository.
	copyFileSync(join(import.meta.dirname, 'plugin.ts'), join(dir, 'plugin.ts'));
	const lines = [
		`import { createFakePlugin } from './plugin.ts';`,
		`export const FakeOAuth = createFakePlugin(${JSON.stringify(options)});`,
	];
	writeFileSync(path, lines.join('\n'));
	return path;
}

/** How doce renews a sign-in to this provider. */
export function fakeRecipe(oauth: Pick<FakeOAuth, 'url'>) {
	return {
		forProject: 'access' as const,
		renewal: { tokenUrl: `${oauth.url}/token`, clientId: 'doce-test', allowPrivate: true },
		redirects: /browser/,
		patience: {},
	};
}

function refuse(error: string): Reply {
	return { status: 400, body: { error } };
}

function send(response: ServerResponse, { status, body }: Reply): void {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function newUserCode(): string {
	const letters = randomBytes(8).toString('hex').toUpperCase();
	return `${letters.slice(0, 4)}-${letters.slice(4, 8)}`;
}

/** Nobody checks its signature; it carries the account's name as real ones do. */
function jwt(claims: Record<string, string>): string {
	const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
	return `${part({ alg: 'none' })}.${part(claims)}.${randomBytes(16).toString('base64url')}`;
}
