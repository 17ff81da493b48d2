import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ConnectionRow, sealCredential } from '#server/auth/connections.ts';
import { connectProvider } from '#server/auth/providers.ts';
import { type FakeProvider, replyJson, startFakeProvider } from '#server/auth/testing/fakeProvider.ts';
import { ADA, directoryOf } from '#server/auth/testing/fixture.ts';
import { Secret } from '#server/secret.ts';
import { ask, type GatewayFixture, listed, openGateway } from './testing/fixture.ts';

const [FIRST, SECOND] = ['access-token-of-today-123456', 'access-token-of-tomorrow-123456'];
let upstream: FakeProvider;
let fixture: GatewayFixture;
let row: ConnectionRow;
let token: string;

beforeAll(async () => {
	upstream = await startFakeProvider((_, response) => replyJson(response, 200, {}));
	const xai = listed('xai', '@ai-sdk/xai', { api: upstream.baseURL });
	fixture = await openGateway([xai]);
	const deps = { ...fixture, directory: directoryOf(xai) };
	row = await connectProvider(deps, ADA, {
		providerId: 'xai',
		authType: 'api',
		apiKey: 'sk-a-key-123456',
		skipTest: true,
	});
	await signIn(FIRST);
	token = await fixture.token(await fixture.addProject(), row);
});

afterAll(async () => {
	await fixture?.close();
	await upstream?.close();
});

/** What a sign-in, or its renewal, leaves in the row. */
async function signIn(access: string): Promise<void> {
	const nothing = {
		refresh: new Secret('refresh-token-123456'),
		expires: null,
		accountId: undefined,
		enterpriseUrl: undefined,
	};
	const sealed_credential = sealCredential(fixture.keyring, row, {
		type: 'oauth',
		access: new Secret(access),
		...nothing,
	});
	await fixture.db
		.updateTable('provider_connections')
		.set({ auth_type: 'oauth', sealed_credential })
		.where('id', '=', row.id)
		.execute();
}

const call = () =>
	ask(fixture.gateway, { target: `/${row.id}/responses`, headers: { authorization: `Bearer ${token}` }, body: '{}' });

test('the account that a person signed in to is used with its access token, and nobody sees its refresh token', async () => {
	expect((await call()).status).toBe(200);
	expect(upstream.seen.at(-1)?.headers.authorization).toBe(`Bearer ${FIRST}`);
	expect(JSON.stringify(upstream.seen)).not.toContain('refresh-token');
});

test('renewed, its new token is used by the next call: nothing is pushed into a project', async () => {
	await signIn(SECOND);
	expect((await call()).status).toBe(200);
	expect(upstream.seen.at(-1)?.headers.authorization).toBe(`Bearer ${SECOND}`);
});
