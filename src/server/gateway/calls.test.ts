import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { disconnectProvider } from '#server/auth/providers.ts';
import { replyJson, type SeenRequest } from '#server/auth/testing/fakeProvider.ts';
import { ADA } from '#server/auth/testing/fixture.ts';
import type { WireFormat } from '#shared/providers.ts';
import { REAL_KEY } from './testing/fixture.ts';
import { bearer, keyInBase64, OWN_HEADER, ok, openStage, type Stage } from './testing/stage.ts';
import { revokeTokens } from './tokens.ts';
import { readRefusal } from './wire/refusals.ts';

let stage: Stage;

beforeAll(async () => {
	stage = await openStage();
});

afterAll(() => stage?.close());

beforeEach(() => stage.reset());

describe('what comes back', () => {
	test('holds the key neither in a header nor in an error, in whichever encoding', async () => {
		const echo = { error: { message: `wrong: ${REAL_KEY} ${keyInBase64()} ${OWN_HEADER}` } };
		const headers = { 'x-request-id': REAL_KEY, 'set-cookie': 'a=b', 'retry-after': '7' };
		stage.answer((_, response) => replyJson(response, 401, echo, headers));
		const refused = await stage.call();
		expect(refused.status).toBe(401);
		expect(refused.body).toContain('[key]');
		expect(refused.headers['retry-after']).toBe('7');
		expect(JSON.stringify(refused)).not.toMatch(
			new RegExp(`${REAL_KEY}|${keyInBase64().slice(0, 20)}|blue-team|set-cookie`),
		);
	});

	test('holds neither the key nor a header of the connection’s own in a success', async () => {
		const text = `${REAL_KEY} ${OWN_HEADER}`;
		stage.answer((_, response) => replyJson(response, 200, { text }, { 'x-request-id': keyInBase64() }));
		const answered = await stage.call();
		expect(JSON.parse(answered.body)).toEqual({ text: text.replaceAll(/[^ ]/g, '*') });
		expect(answered.headers).not.toHaveProperty('x-request-id');
	});

	test('is refused where it is compressed, since nobody could look into it', async () => {
		stage.answer((_, response) => {
			response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
			response.end(gzipSync(`{"text":"${REAL_KEY}"}`));
		});
		const refused = await stage.call();
		expect(refused.status).toBe(502);
		expect(refused.body).toContain('compresses');
	});

	test('streams as it comes, and asks for the usage that it is metered by', async () => {
		stage.answer((_, response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write('data: {"choices":[]}\n\n');
			setTimeout(
				() => response.end('data: {"usage":{"prompt_tokens":9,"completion_tokens":3}}\n\ndata: [DONE]\n\n'),
				100,
			);
		});
		const pieces: string[] = [];
		const body = JSON.stringify({ model: 'fake-1', stream: true });
		const streamed = await stage.call({ body, onChunk: (text: string) => pieces.push(text) });
		expect(streamed.body).toContain('[DONE]');
		expect(pieces.length).toBeGreaterThan(1);
		expect(JSON.parse(stage.upstream.seen[0]?.body ?? '')).toMatchObject({ stream_options: { include_usage: true } });
		await expect.poll(usage).toMatchObject({ input_tokens: 9, output_tokens: 3, status: 200, model_id: 'fake-1' });
	});

	test.each([
		['102', (response: ServerResponse) => response.writeProcessing()],
		['103', (response: ServerResponse) => response.writeEarlyHints({ link: '</a>; rel=preload' })],
	])('an answer that is announced by a %s comes through', async (_, announce) => {
		stage.answer((_, response) => {
			announce(response);
			setTimeout(() => replyJson(response, 200, { choices: ['one'] }), 50);
		});
		const announced = await stage.call();
		expect(announced).toMatchObject({ status: 200, body: '{"choices":["one"]}' });
	});

	const usage = async () =>
		stage.fixture.db
			.selectFrom('usage_records')
			.selectAll()
			.where('project_id', '=', stage.projectId)
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
			const refused = await stage.call({ target: `/${stage.connection.id}${path}`, headers: {} });
			expect(refused.status).toBe(401);
			expect(fits(JSON.parse(refused.body).error)).toBe(true);
		},
	);
});

describe('limits', () => {
	test('a seventeenth call of one project is told to come back', async () => {
		const held: ServerResponse[] = [];
		stage.answer((_, response) => void held.push(response));
		const open = Array.from({ length: 16 }, () => stage.call());
		await expect.poll(() => held.length).toBe(16);
		const refused = await stage.call();
		expect(refused.status).toBe(429);
		expect(refused.headers['retry-after']).toBe('1');
		for (const response of held) replyJson(response, 200, {});
		expect((await Promise.all(open)).map(({ status }) => status)).toEqual(Array(16).fill(200));
		stage.answer(ok);
		expect((await stage.call()).status).toBe(200);
	});

	test('a body that says it is too large is not read, and one that is without saying so is ended', async () => {
		const told = await stage.call({ headers: { ...bearer(stage.token), 'content-length': '40000000' } });
		expect(told.status).toBe(413);
		const large = Buffer.alloc(33 * 1024 * 1024, 'x');
		const sent = await stage.call({ body: large, headers: { ...bearer(stage.token), 'transfer-encoding': 'chunked' } });
		expect(sent.status === 413 || sent.error !== undefined).toBe(true);
		expect(stage.upstream.seen.filter(({ body }) => body.length > 32 * 1024 * 1024)).toEqual([]);
	});

	test('a call that would run on without its caller is refused, and no provider gets all of it', async () => {
		const row = await stage.fixture.connect(stage.upstream.baseURL, { format: 'responses' });
		const headers = bearer(await stage.fixture.token(stage.projectId, row));
		const body = JSON.stringify({ model: 'fake-1', input: 'Hi', background: true });
		const refused = await stage.call({ target: `/${row.id}/responses`, headers, body });
		expect(refused.status).toBe(404);
		expect(refused.body).toContain('do not run in the background');
		expect(stage.upstream.seen).toEqual([]);
	});

	test('a budget that is used up refuses as a provider without credit would', async () => {
		const spender = await stage.fixture.addProject();
		const own = await stage.fixture.token(spender, stage.connection);
		const budget = {
			id: 'b1',
			user_id: 'u-ada',
			subject: 'project' as const,
			subject_id: spender,
			period: 'day' as const,
		};
		await stage.fixture.db
			.insertInto('budgets')
			.values({ ...budget, limit_micro_usd: 0, warned_for: null, created_at: 1, updated_at: 1 })
			.execute();
		// A first budget of all is noticed within a second.
		await expect.poll(async () => (await stage.call({ headers: bearer(own) })).status, { timeout: 5_000 }).toBe(402);
		stage.upstream.seen.length = 0;
		const refused = await stage.call({ headers: bearer(own) });
		expect(refused.status).toBe(402);
		expect(JSON.parse(refused.body).error.message).toContain('budget');
		expect(stage.upstream.seen).toEqual([]);
	});

	test('a provider that is away is named as unreachable', async () => {
		const row = await stage.fixture.connect('http://127.0.0.1:9/v1');
		const own = await stage.fixture.token(stage.projectId, row);
		const refused = await stage.call({ target: `/${row.id}/chat/completions`, headers: bearer(own) });
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
		['a stopped project', async () => ({ projectId: stage.projectId })],
		['a disconnected provider', async () => ({ connectionId: stage.connection.id })],
	])('of %s cuts its streams on both sides', async (_, whose) => {
		let isClosed = false;
		let hasBegun = false;
		stage.answer(
			streaming(() => {
				isClosed = true;
			}),
		);
		const running = stage.call({ onChunk: () => (hasBegun = true) });
		await expect.poll(() => hasBegun).toBe(true);
		await stage.fixture.gateway.cut(await whose());
		expect((await running).error).toBeDefined();
		await expect.poll(() => isClosed).toBe(true);
	});

	test('of a connection is told as that, to whoever had a token for it', async () => {
		const row = await stage.fixture.connect(stage.upstream.baseURL);
		const own = await stage.fixture.token(stage.projectId, row);
		await disconnectProvider(stage.fixture, ADA, row.id);
		await revokeTokens(stage.fixture.db, { connectionId: row.id });
		const refused = await stage.call({ target: `/${row.id}/chat/completions`, headers: bearer(own) });
		expect(refused.status).toBe(401);
		expect(readRefusal(JSON.parse(refused.body).error.message)).toEqual({
			kind: 'gone',
			message: 'The provider was disconnected.',
		});
	});

	test('reaches streams also when nobody tells the gateway, and their next call is refused', async () => {
		const project = await stage.fixture.addProject();
		const own = await stage.fixture.token(project, stage.connection);
		let hasBegun = false;
		stage.answer(streaming(() => undefined));
		const running = stage.call({ headers: bearer(own), onChunk: () => (hasBegun = true) });
		await expect.poll(() => hasBegun).toBe(true);
		await revokeTokens(stage.fixture.db, { projectId: project });
		expect((await stage.call({ headers: bearer(own) })).status).toBe(401);
		expect((await running).error).toBeDefined();
	});

	test('of the caller ends the call at the provider', async () => {
		let isClosed = false;
		stage.answer(
			streaming(() => {
				isClosed = true;
			}),
		);
		const stopper = new AbortController();
		const call = fetch(`${stage.fixture.gateway.addressOf(stage.connection.id)}/chat/completions`, {
			method: 'POST',
			headers: bearer(stage.token),
			body: '{}',
			signal: stopper.signal,
		});
		await call;
		stopper.abort();
		await expect.poll(() => isClosed).toBe(true);
	});
});
