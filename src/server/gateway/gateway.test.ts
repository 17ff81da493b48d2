import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fingerprintOf, REAL_KEY } from './testing/fixture.ts';
import { bearer, openStage, type Stage } from './testing/stage.ts';

let stage: Stage;

beforeAll(async () => {
	stage = await openStage();
});

afterAll(() => stage?.close());

beforeEach(() => stage.reset());

describe('who', () => {
	test('only the hash of a token is stored', async () => {
		const rows = await stage.fixture.db.selectFrom('gateway_tokens').selectAll().execute();
		expect(rows.map((row) => row.token_hash)).toContain(fingerprintOf(stage.token));
		expect(JSON.stringify(rows)).not.toContain(stage.token);
	});

	test.each([
		['none', () => ({})],
		['the real key', () => bearer(REAL_KEY)],
		['a token nobody issued', () => bearer(`dpt_${'x'.repeat(43)}`)],
		['two different ones', () => ({ ...bearer(stage.token), 'x-api-key': `dpt_${'x'.repeat(43)}` })],
	])('with %s nothing is asked of anybody', async (_, headers) => {
		const refused = await stage.call({ headers: headers() });
		expect(refused.status).toBe(401);
		expect(JSON.parse(refused.body).error).toMatchObject({ code: 'invalid_api_key' });
		expect(stage.upstream.seen).toEqual([]);
	});

	test('a token is good for its own connection alone, and a revoked or expired one for none', async () => {
		const other = await stage.fixture.connect(stage.upstream.baseURL, { apiKey: 'sk-another-key-123456' });
		const theirs = await stage.fixture.token(await stage.fixture.addProject(), other);
		expect((await stage.call({ headers: bearer(theirs) })).status).toBe(401);
		expect((await stage.call({ target: `/${other.id}/chat/completions` })).status).toBe(401);
		expect((await stage.call({ target: `/${other.id}/chat/completions`, headers: bearer(theirs) })).status).toBe(200);
		await stage.fixture.db
			.updateTable('gateway_tokens')
			.set({ expires_at: Date.now() - 1 })
			.where('token_hash', '=', fingerprintOf(theirs))
			.execute();
		expect((await stage.call({ target: `/${other.id}/chat/completions`, headers: bearer(theirs) })).status).toBe(401);
		expect(stage.upstream.seen).toHaveLength(1);
	});

	test('a project with a socket of its own is served there and nowhere else, and nobody else is served there', async () => {
		const fenced = await stage.fixture.addProject();
		const own = await stage.fixture.token(fenced, stage.connection);
		const socketPath = await stage.fixture.gateway.listenForProject(fenced);
		expect(Buffer.byteLength(socketPath)).toBeLessThan(100);
		expect((await stage.call({ headers: bearer(own), socketPath })).status).toBe(200);
		expect((await stage.call({ headers: bearer(own) })).status).toBe(401);
		expect((await stage.call({ socketPath })).status).toBe(401);
		await stage.fixture.gateway.stopListeningFor(fenced);
		expect((await stage.call({ headers: bearer(own), socketPath })).error).toBeDefined();
		expect((await stage.call({ headers: bearer(own) })).status).toBe(200);
	});
});

describe('where', () => {
	test('the provider gets the real key and the connection’s own headers, and nothing of the caller’s that could lead elsewhere', async () => {
		const headers = {
			...bearer(stage.token),
			host: 'evil.example',
			'x-forwarded-host': 'evil.example',
			cookie: 'a=b',
			'x-team': 'red',
		};
		expect((await stage.call({ headers })).status).toBe(200);
		const [seen] = stage.upstream.seen;
		expect(seen?.path).toBe('/v1/chat/completions');
		expect(seen?.headers).toMatchObject({
			authorization: `Bearer ${REAL_KEY}`,
			host: `127.0.0.1:${stage.upstream.port}`,
			'x-team': 'blue-team-secret',
		});
		expect(JSON.stringify(seen)).not.toMatch(/dpt_|evil|cookie/);
	});

	test.each([
		'/../chat/completions',
		'/chat/completions/../../../admin',
		'/%2e%2e/admin',
		'/chat%2fcompletions',
		'/chat/completions;x',
		'//evil.example/chat/completions',
		'/chat\\completions',
		'/files',
		'/fine_tuning/jobs',
		'/messages',
	])('%s is refused before anybody is asked', async (path) => {
		const refused = await stage.call({ target: `/${stage.connection.id}${path}` });
		expect(refused.status).toBe(404);
		expect(stage.upstream.seen).toEqual([]);
	});

	test.each(['http://evil.example/chat/completions', '//evil.example/'])(
		'so is %s as a whole address',
		async (target) => {
			expect((await stage.call({ target })).status).toBe(404);
			expect(stage.upstream.seen).toEqual([]);
		},
	);

	test('a redirect is told, and not followed', async () => {
		stage.answer((_, response) => void response.writeHead(307, { location: 'http://169.254.169.254/latest' }).end());
		const told = await stage.call();
		expect(told.headers.location).toBeUndefined();
		expect(JSON.parse(told.body).error.message).toContain('redirects to 169.254.169.254');
		expect(stage.upstream.seen).toHaveLength(1);
	});

	test('an address that a row must not have is not called', async () => {
		const row = await stage.fixture.connect(stage.upstream.baseURL);
		const own = await stage.fixture.token(stage.projectId, row);
		await stage.fixture.db
			.updateTable('provider_connections')
			.set({ base_url: 'http://169.254.169.254/v1' })
			.where('id', '=', row.id)
			.execute();
		const refused = await stage.call({ target: `/${row.id}/chat/completions`, headers: bearer(own) });
		expect([403, 502]).toContain(refused.status);
	});
});
