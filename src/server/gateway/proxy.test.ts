import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import { type FakeInternet, startFakeInternet } from '../../../test/fakes/internet.ts';
import { ask, type GatewayFixture, openGateway, REAL_KEY } from './testing/fixture.ts';
import { bearer } from './testing/stage.ts';

/** No name of these exists but behind the proxy. */
const NAME = 'api.provider.example';
const EXCEPTED = 'api.near.example';

let internet: FakeInternet;
let fixture: GatewayFixture;
let projectId: string;

beforeAll(async () => {
	internet = await startFakeInternet([NAME, EXCEPTED], () => ({ status: 200, body: { choices: [] } }));
	const { HTTPS_PROXY: url = '', NODE_EXTRA_CA_CERTS: authority } = internet.env;
	// The gateway's process takes it over from ours.
	const before = process.env['NODE_EXTRA_CA_CERTS'];
	process.env['NODE_EXTRA_CA_CERTS'] = authority;
	fixture = await openGateway([], { proxy: { url: new Secret(url), except: `localhost,${EXCEPTED}` } });
	if (before === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
	else process.env['NODE_EXTRA_CA_CERTS'] = before;
	projectId = await fixture.addProject();
});

afterAll(async () => {
	await fixture?.close();
	await internet?.close();
});

beforeEach(() => {
	internet.arrivals.length = 0;
	internet.refused.length = 0;
});

async function callTo(host: string, baseUrl?: string) {
	const baseURL = `https://${host}/v1`;
	const custom = { name: 'Own', baseURL, models: [{ id: 'fake-1' }], local: false };
	const { id } = await fixture.connect(baseURL, { custom });
	if (baseUrl !== undefined)
		await fixture.db.updateTable('provider_connections').set({ base_url: baseUrl }).where('id', '=', id).execute();
	const headers = bearer(await fixture.token(projectId, { id }));
	return ask(fixture.gateway, { target: `/${id}/chat/completions`, headers, body: '{"model":"fake-1"}' });
}

test('a provider is reached by way of the proxy, which sees neither key nor prompt', async () => {
	expect(await callTo(NAME)).toMatchObject({ status: 200, body: '{"choices":[]}' });
	expect(internet.arrivals).toEqual([
		expect.objectContaining({ host: NAME, path: '/v1/chat/completions', body: expect.stringContaining('fake-1') }),
	]);
	expect(internet.arrivals[0]?.headers.authorization).toBe(`Bearer ${REAL_KEY}`);
});

test('a host that the proxy is not for is reached without it', async () => {
	expect((await callTo(EXCEPTED)).status).toBe(502);
	expect(internet.arrivals).toEqual([]);
});

test('a proxy that refuses is named', async () => {
	const refused = await callTo('api.other.example');
	expect(refused.status).toBe(502);
	expect(refused.body).toContain('the proxy of this server answered with 403');
	expect(internet.refused).toEqual(['api.other.example']);
});

test.each(['https://10.0.0.1/v1', 'https://169.254.169.254/v1', 'https://2130706433/v1', 'https://[::1]/v1'])(
	'%s is refused, and the proxy not asked for it',
	async (address) => {
		expect((await callTo(NAME, address)).status).toBe(502);
		expect([...internet.arrivals, ...internet.refused]).toEqual([]);
	},
);
