import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import type { SignIn } from '../oauth/signIn.ts';
import { type FakeProvider, replyJson, type SeenRequest, startFakeProvider } from '../testing/fakeProvider.ts';
import { exchange } from './exchange.ts';

const NOW = 1_800_000_000_000;
let provider: FakeProvider | undefined;
afterEach(() => provider?.close());

const signIn = (more: Partial<SignIn> = {}): SignIn => ({
	type: 'oauth',
	access: new Secret('at-1'),
	refresh: new Secret('rt-1'),
	expires: NOW,
	accountId: 'acct',
	enterpriseUrl: undefined,
	...more,
});

/** Asks a provider that answers so. */
async function ask(answer: (request: SeenRequest, response: ServerResponse) => void, more: object = {}) {
	provider = await startFakeProvider(answer);
	const renewal = { tokenUrl: `http://127.0.0.1:${provider.port}/token`, clientId: 'me', allowPrivate: true, ...more };
	return exchange(signIn(), renewal, () => NOW);
}
const reply = (status: number, body: unknown) => ask((_, response) => replyJson(response, status, body));

test('the request is a form, with the client once more where a provider wants that', async () => {
	await ask((_, response) => replyJson(response, 200, {}), { basic: true });
	const [seen] = provider?.seen ?? [];
	expect(Object.fromEntries(new URLSearchParams(seen?.body))).toEqual({
		grant_type: 'refresh_token',
		refresh_token: 'rt-1',
		client_id: 'me',
	});
	expect(seen?.headers).toMatchObject({
		'content-type': 'application/x-www-form-urlencoded',
		authorization: `Basic ${Buffer.from('me:me').toString('base64')}`,
	});
});

test('new tokens take the place of the old ones; what a provider does not send stays', async () => {
	const all = await reply(200, { access_token: 'at-2', refresh_token: 'rt-2', expires_in: '60', id_token: 'id' });
	if (all.kind !== 'renewed') throw new Error(all.kind);
	const { access, refresh, expires, accountId } = all.signIn;
	expect([access.reveal(), refresh?.reveal(), expires, accountId]).toEqual(['at-2', 'rt-2', NOW + 60_000, 'acct']);
	await provider?.close();
	const few = await reply(200, { access_token: 'at-3' });
	if (few.kind !== 'renewed') throw new Error(few.kind);
	expect([few.signIn.refresh?.reveal(), few.signIn.expires]).toEqual(['rt-1', NOW + 3_600_000]);
});

describe('the provider has ended the sign-in with', () => {
	test.each([
		[400, { error: 'invalid_grant' }],
		[401, { error: 'invalid_grant' }],
		[401, { error: { code: 'refresh_token_expired', message: 'x' } }],
		[401, { error: { code: 'refresh_token_reused' } }],
		[403, { error: 'access_denied' }],
		[400, { code: 'invalid_refresh_token' }],
	])('%i %j', async (status, body) => {
		expect(await reply(status, body)).toEqual({ kind: 'ended' });
	});

	test('no refresh token to ask with', async () => {
		const renewal = { tokenUrl: 'https://auth.example.com/token', clientId: 'me' };
		expect(await exchange(signIn({ refresh: undefined }), renewal)).toEqual({ kind: 'ended' });
	});
});

describe('it may work later after', () => {
	test.each([
		[429, { error: 'invalid_grant' }],
		[503, { error: 'invalid_grant' }],
		[200, 'a page of something in between'],
		[200, { access_token: '' }],
		[302, {}],
	])('%i %j', async (status, body) => {
		const result = await reply(status, body);
		expect(result).toMatchObject({ kind: 'trouble', message: expect.stringContaining('127.0.0.1') });
		expect(JSON.stringify(result)).not.toContain('rt-1');
	});
});

test.each(['https://127.0.0.1:1', 'https://[::1]:1', 'https://169.254.169.254', 'https://10.0.0.7'])(
	'the address of a person’s own installation is not called when it leads to %s',
	async (enterpriseUrl) => {
		const renewal = { tokenUrl: '{enterpriseUrl}/oauth/token', clientId: 'me' };
		const result = await exchange(signIn({ enterpriseUrl }), renewal);
		expect(result).toMatchObject({ kind: 'trouble', message: expect.stringMatching(/private address|never calls/) });
	},
);
