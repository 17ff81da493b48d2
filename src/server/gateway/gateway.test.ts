import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectionRow } from '#server/auth/connections.ts';
import { disconnectProvider } from '#server/auth/providers.ts';
import {
	type FakeProvider,
	replyJson,
	type SeenRequest,
	startFakeProvider,
} from '#server/auth/testing/fakeProvider.ts';
import { ADA } from '#server/auth/testing/fixture.ts';
import type { WireFormat } from '#shared/providers.ts';
import { ask, fingerprintOf, type GatewayFixture, openGateway, REAL_KEY } from './testing/fixture.ts';
import { revokeTokens } from './tokens.ts';
import { readRefusal } from './wire/refusals.ts';

let fixture: GatewayFixture;
let upstream: FakeProvider;
let answer: (seen: SeenRequest, response: ServerResponse) => void;
let connection: ConnectionRow;
let projectId: string;
let token: string;

const ok = (_: SeenRequest, response: ServerResponse) => replyJson(response, 200, { choices: [] });
const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
const chat = (more: object = {}) => ({
	target: `/${connection.id}/chat/completions`,
	headers: { ...bearer(token), 'content-type': 'application/json' },
	body: JSON.stringify({ model: 'fake-1', messages: [] }),
	...more,
});

beforeAll(async () => {
	upstream = await startFakeProvider((seen, response) => answer(seen, response));
	fixture = await openGateway();
	connection = await fixture.connect(upstream.baseURL, {
		custom: {
			name: 'Own',
			baseURL: upstream.baseURL,
			models: [{ id: 'fake-1' }],
			headers: { 'x-team': 'blue-team-secret' },
		},
	});
	projectId = await fixture.addProject();
	token = await fixture.token(projectId, connection);
});

afterAll(async () => {
	await fixture?.close();
	await upstream?.close();
});

beforeEach(() => {
	answer = ok;
	upstream.seen.length = 0;
});

describe('who', () => {
	test('only the hash of a token is stored', async () => {
		const rows = await fixture.db.selectFrom('gateway_tokens').selectAll().execute();
		expect(rows.map((row) => row.token_hash)).toContain(fingerprintOf(token));
		expect(JSON.stringify(rows)).not.toContain(token);
	});

	test.each([
		['none', () => ({})],
		['the real key', () => bearer(REAL_KEY)],
		['a token nobody issued', () => bearer(`dpt_${'x'.repeat(43)}`)],
		['two different ones', () => ({ ...bearer(token), 'x-api-key': `dpt_${'x'.repeat(43)}` })],
	])('with %s nothing is asked of anybody', async (_, headers) => {
		const refused = await ask(fixture.gateway, chat({ headers: headers() }));
		expect(refused.status).toBe(401);
		expect(JSON.parse(refused.body).error).toMatchObject({ code: 'invalid_api_key' });
		expect(upstream.seen).toEqual([]);
	});

	test('a token is good for its own connection alone, and a revoked or expired one for none', async () => {
		const other = await fixture.connect(upstream.baseURL, { apiKey: 'sk-another-key-123456' });
		const theirs = await fixture.token(await fixture.addProject(), other);
		expect((await ask(fixture.gateway, chat({ headers: bearer(theirs) }))).status).toBe(401);
		expect((await ask(fixture.gateway, chat({ target: `/${other.id}/chat/completions` }))).status).toBe(401);
		expect(
			(await ask(fixture.gateway, chat({ target: `/${other.id}/chat/completions`, headers: bearer(theirs) }))).status,
		).toBe(200);
		await fixture.db
			.updateTable('gateway_tokens')
			.set({ expires_at: Date.now() - 1 })
			.where('token_hash', '=', fingerprintOf(theirs))
			.execute();
		expect(
			(await ask(fixture.gateway, chat({ target: `/${other.id}/chat/completions`, headers: bearer(theirs) }))).status,
		).toBe(401);
		expect(upstream.seen).toHaveLength(1);
	});

	test('a project with a socket of its own is served there and nowhere else, and nobody else is served there', async () => {
		const fenced = await fixture.addProject();
		const own = await fixture.token(fenced, connection);
		const socketPath = await fixture.gateway.listenForProject(fenced);
		expect(Buffer.byteLength(socketPath)).toBeLessThan(100);
		expect((await ask(fixture.gateway, chat({ headers: bearer(own), socketPath }))).status).toBe(200);
		expect((await ask(fixture.gateway, chat({ headers: bearer(own) }))).status).toBe(401);
		expect((await ask(fixture.gateway, chat({ socketPath }))).status).toBe(401);
		await fixture.gateway.stopListeningFor(fenced);
		expect((await ask(fixture.gateway, chat({ headers: bearer(own), socketPath }))).error).toBeDefined();
		expect((await ask(fixture.gateway, chat({ headers: bearer(own) }))).status).toBe(200);
	});
});

describe('where', () => {
	test('the provider gets the real key and the connection’s own headers, and nothing of the caller’s that could lead elsewhere', async () => {
		const headers = {
			...bearer(token),
			host: 'evil.example',
			'x-forwarded-host': 'evil.example',
			cookie: 'a=b',
			'x-team': 'red',
		};
		expect((await ask(fixture.gateway, chat({ headers }))).status).toBe(200);
		const [seen] = upstream.seen;
		expect(seen?.path).toBe('/v1/chat/completions');
		expect(seen?.headers).toMatchObject({
			authorization: `Bearer ${REAL_KEY}`,
			host: `127.0.0.1:${upstream.port}`,
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
		const refused = await ask(fixture.gateway, chat({ target: `/${connection.id}${path}` }));
		expect(refused.status).toBe(404);
		expect(upstream.seen).toEqual([]);
	});

	test.each(['http://evil.example/chat/completions', '//evil.example/'])(
		'so is %s as a whole address',
		async (target) => {
			expect((await ask(fixture.gateway, chat({ target }))).status).toBe(404);
			expect(upstream.seen).toEqual([]);
		},
	);

	test('a redirect is told, and not followed', async () => {
		answer = (_, response) => void response.writeHead(307, { location: 'http://169.254.169.254/latest' }).end();
		const told = await ask(fixture.gateway, chat());
		expect(told.headers.location).toBeUndefined();
		expect(JSON.parse(told.body).error.message).toContain('redirects to 169.254.169.254');
		expect(upstream.seen).toHaveLength(1);
	});

	test('an address that a row must not have is not called', async () => {
		const row = await fixture.connect(upstream.baseURL);
		const own = await fixture.token(projectId, row);
		await fixture.db
			.updateTable('provider_connections')
			.set({ base_url: 'http://169.254.169.254/v1' })
			.where('id', '=', row.id)
			.execute();
		const refused = await ask(fixture.gateway, chat({ target: `/${row.id}/chat/completions`, headers: bearer(own) }));
		expect([403, 502]).toContain(refused.status);
	});
});

describe('what comes back', () => {
	test('holds the key neither in a header nor in an error, in whichever encoding', async () => {
		answer = (_, response) =>
			replyJson(
				response,
				401,
				{ error: { message: `wrong: ${REAL_KEY} ${Buffer.from(REAL_KEY).toString('base64')} blue-team-secret` } },
				{
					'x-request-id': REAL_KEY,
					'set-cookie': 'a=b',
					'retry-after': '7',
				},
			);
		const refused = await ask(fixture.gateway, chat());
		expect(refused.status).toBe(401);
		expect(refused.body).toContain('[key]');
		expect(refused.headers['retry-after']).toBe('7');
		expect(JSON.stringify(refused)).not.toMatch(
			new RegExp(`${REAL_KEY}|${Buffer.from(REAL_KEY).toString('base64').slice(0, 20)}|blue-team|set-cookie`),
		);
	});

	test('streams as it comes, and asks for the usage that it is metered by', async () => {
		answer = (_, response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write('data: {"choices":[]}\n\n');
			setTimeout(
				() => response.end('data: {"usage":{"prompt_tokens":9,"completion_tokens":3}}\n\ndata: [DONE]\n\n'),
				100,
			);
		};
		const pieces: string[] = [];
		const body = JSON.stringify({ model: 'fake-1', stream: true });
		const streamed = await ask(fixture.gateway, chat({ body, onChunk: (text: string) => pieces.push(text) }));
		expect(streamed.body).toContain('[DONE]');
		expect(pieces.length).toBeGreaterThan(1);
		expect(JSON.parse(upstream.seen[0]?.body ?? '')).toMatchObject({ stream_options: { include_usage: true } });
		await expect.poll(usage).toMatchObject({ input_tokens: 9, output_tokens: 3, status: 200, model_id: 'fake-1' });
	});

	const usage = async () =>
		fixture.db
			.selectFrom('usage_records')
			.selectAll()
			.where('project_id', '=', projectId)
			.orderBy('id', 'desc')
			.executeTakeFirst();

	test.each([
		['chat-completions', '/chat/completions', (error: Record<string, unknown>) => error['code'] === 'invalid_api_key'],
		['responses', '/responses', (error: Record<string, unknown>) => error['code'] === 'invalid_api_key'],
		['messages', '/messages', (error: Record<string, unknown>) => error['type'] === 'authentication_error'],
		[
			'generate-content',
			'/models/fake-1:streamGenerateContent',
			(error: Record<string, unknown>) => error['status'] === 'UNAUTHENTICATED',
		],
	] as [WireFormat, string, (error: Record<string, unknown>) => boolean][])(
		'a refusal has the shape of %s',
		async (_, path, fits) => {
			const refused = await ask(fixture.gateway, chat({ target: `/${connection.id}${path}`, headers: {} }));
			expect(refused.status).toBe(401);
			expect(fits(JSON.parse(refused.body).error)).toBe(true);
		},
	);
});

describe('limits', () => {
	test('a seventeenth call of one project is told to come back', async () => {
		const held: ServerResponse[] = [];
		answer = (_, response) => void held.push(response);
		const open = Array.from({ length: 16 }, () => ask(fixture.gateway, chat()));
		await expect.poll(() => held.length).toBe(16);
		const refused = await ask(fixture.gateway, chat());
		expect(refused.status).toBe(429);
		expect(refused.headers['retry-after']).toBe('1');
		for (const response of held) replyJson(response, 200, {});
		expect((await Promise.all(open)).map(({ status }) => status)).toEqual(Array(16).fill(200));
		answer = ok;
		expect((await ask(fixture.gateway, chat())).status).toBe(200);
	});

	test('a body that says it is too large is not read, and one that is without saying so is ended', async () => {
		const told = await ask(fixture.gateway, chat({ headers: { ...bearer(token), 'content-length': '40000000' } }));
		expect(told.status).toBe(413);
		const large = Buffer.alloc(33 * 1024 * 1024, 'x');
		const sent = await ask(
			fixture.gateway,
			chat({ body: large, headers: { ...bearer(token), 'transfer-encoding': 'chunked' } }),
		);
		expect(sent.status === 413 || sent.error !== undefined).toBe(true);
		expect(upstream.seen.filter(({ body }) => body.length > 32 * 1024 * 1024)).toEqual([]);
	});

	test('a budget that is used up refuses as a provider without credit would', async () => {
		const spender = await fixture.addProject();
		const own = await fixture.token(spender, connection);
		const budget = {
			id: 'b1',
			user_id: 'u-ada',
			subject: 'project' as const,
			subject_id: spender,
			period: 'day' as const,
		};
		await fixture.db
			.insertInto('budgets')
			.values({ ...budget, limit_micro_usd: 0, warned_for: null, created_at: 1, updated_at: 1 })
			.execute();
		// A first budget of all is noticed within a second.
		await expect
			.poll(async () => (await ask(fixture.gateway, chat({ headers: bearer(own) }))).status, { timeout: 5_000 })
			.toBe(402);
		upstream.seen.length = 0;
		const refused = await ask(fixture.gateway, chat({ headers: bearer(own) }));
		expect(refused.status).toBe(402);
		expect(JSON.parse(refused.body).error.message).toContain('budget');
		expect(upstream.seen).toEqual([]);
	});

	test('a provider that is away is named as unreachable', async () => {
		const row = await fixture.connect('http://127.0.0.1:9/v1');
		const own = await fixture.token(projectId, row);
		const refused = await ask(fixture.gateway, chat({ target: `/${row.id}/chat/completions`, headers: bearer(own) }));
		expect(refused.status).toBe(502);
		expect(refused.body).toContain('ECONNREFUSED');
	});
});

describe('an end', () => {
	const streaming = (closed: () => void) => (_: SeenRequest, response: ServerResponse) => {
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		response.write('data: {}\n\n');
		response.once('close', closed);
	};

	test.each([
		['a stopped project', async () => ({ projectId })],
		['a disconnected provider', async () => ({ connectionId: connection.id })],
	])('of %s cuts its streams on both sides', async (_, whose) => {
		let isClosed = false;
		let hasBegun = false;
		answer = streaming(() => {
			isClosed = true;
		});
		const running = ask(fixture.gateway, chat({ onChunk: () => (hasBegun = true) }));
		await expect.poll(() => hasBegun).toBe(true);
		await fixture.gateway.cut(await whose());
		expect((await running).error).toBeDefined();
		await expect.poll(() => isClosed).toBe(true);
	});

	test('of a connection is told as that, to whoever had a token for it', async () => {
		const row = await fixture.connect(upstream.baseURL);
		const own = await fixture.token(projectId, row);
		await disconnectProvider(fixture, ADA, row.id);
		await revokeTokens(fixture.db, { connectionId: row.id });
		const refused = await ask(fixture.gateway, chat({ target: `/${row.id}/chat/completions`, headers: bearer(own) }));
		expect(refused.status).toBe(401);
		expect(readRefusal(JSON.parse(refused.body).error.message)).toEqual({
			kind: 'gone',
			message: 'The provider was disconnected.',
		});
	});

	test('reaches streams also when nobody tells the gateway, and their next call is refused', async () => {
		const project = await fixture.addProject();
		const own = await fixture.token(project, connection);
		let hasBegun = false;
		answer = streaming(() => undefined);
		const running = ask(fixture.gateway, chat({ headers: bearer(own), onChunk: () => (hasBegun = true) }));
		await expect.poll(() => hasBegun).toBe(true);
		await revokeTokens(fixture.db, { projectId: project });
		expect((await ask(fixture.gateway, chat({ headers: bearer(own) }))).status).toBe(401);
		expect((await running).error).toBeDefined();
	});

	test('of the caller ends the call at the provider', async () => {
		let isClosed = false;
		answer = streaming(() => {
			isClosed = true;
		});
		const stopper = new AbortController();
		const call = fetch(`${fixture.gateway.addressOf(connection.id)}/chat/completions`, {
			method: 'POST',
			headers: bearer(token),
			body: '{}',
			signal: stopper.signal,
		});
		await call;
		stopper.abort();
		await expect.poll(() => isClosed).toBe(true);
	});
});
