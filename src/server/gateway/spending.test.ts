import { request, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ConnectionRow } from '#server/auth/connections.ts';
import {
	type FakeProvider,
	replyJson,
	type SeenRequest,
	startFakeProvider,
} from '#server/auth/testing/fakeProvider.ts';
import { ADA } from '#server/auth/testing/fixture.ts';
import { plainModel } from '#server/opencode/catalogModels.ts';
import { setBudget } from '#server/usage/budgetChanges.ts';
import { addRecord } from '#server/usage/testing/records.ts';
import { ask, type GatewayFixture, listed, openGateway } from './testing/fixture.ts';
import { bearer, ok } from './testing/stage.ts';

/** A thousand tokens of an answer cost a dollar, and what is sent costs nothing. */
const MODEL = { ...plainModel('fake-1'), cost: { input: 0, output: 1_000 } };

let upstream: FakeProvider;
let fixture: GatewayFixture;
let connection: ConnectionRow;
let projectId: string;
let token: string;
let answer: (seen: SeenRequest, response: ServerResponse) => void;

beforeAll(async () => {
	upstream = await startFakeProvider((seen, response) => answer(seen, response));
	const { baseURL } = upstream;
	fixture = await openGateway([listed('priced', '@ai-sdk/openai-compatible', { api: baseURL, models: [MODEL] })]);
	connection = await fixture.connect(baseURL, { providerId: 'priced' });
	// A first budget of all would be noticed a second after the first call only.
	const elsewhere = await fixture.addProject();
	await setBudget(fixture.db, ADA, { subject: 'project', subjectId: elsewhere, period: 'day', limitUsd: 1 });
});

afterAll(async () => {
	await fixture?.close();
	await upstream?.close();
});

beforeEach(async () => {
	answer = ok;
	upstream.seen.length = 0;
	projectId = await fixture.addProject();
	token = await fixture.token(projectId, connection);
});

const target = () => `/${connection.id}/chat/completions`;
const call = (body: object) =>
	ask(fixture.gateway, {
		target: target(),
		headers: { ...bearer(token), 'content-type': 'application/json' },
		body: JSON.stringify({ model: 'fake-1', ...body }),
	});

const recorded = () =>
	fixture.db
		.selectFrom('usage_records')
		.select(['input_tokens', 'output_tokens', 'price_micro_usd', 'status'])
		.where('project_id', '=', projectId)
		.executeTakeFirst();

/** A thousand words in one event, and what they took if that was asked for and is told. */
const words = (tells: boolean) => (seen: SeenRequest, response: ServerResponse) => {
	response.writeHead(200, { 'content-type': 'text/event-stream' });
	response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: 'word '.repeat(1_000) } }] })}\n\n`);
	if (tells && JSON.parse(seen.body).stream_options?.include_usage)
		response.write('data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":1000}}\n\n');
	response.end('data: [DONE]\n\n');
};

test.each([null, {}, { include_usage: false }])(
	'a stream is metered by its own figures, also where its caller says %j to them',
	async (stream_options) => {
		answer = words(true);
		expect((await call({ stream: true, stream_options })).body).toContain('[DONE]');
		const used = { input_tokens: 10, output_tokens: 1_000, price_micro_usd: 1_000_000, status: 200 };
		await expect.poll(recorded).toEqual(used);
	},
);

test('one that tells no figures is metered by its text, however few pieces that comes in', async () => {
	answer = words(false);
	await call({ stream: true });
	await expect.poll(async () => (await recorded())?.output_tokens).toBeGreaterThan(1_000);
});

test('a call that is given up before its answer begins is on record with what was sent', async () => {
	answer = () => undefined;
	const { gateway } = fixture;
	const where = { host: '127.0.0.1', port: gateway.port(), method: 'POST', path: target(), headers: bearer(token) };
	const given = request(where).on('error', () => undefined);
	given.end(JSON.stringify({ model: 'fake-1', messages: [{ content: 'x'.repeat(200_000) }] }));
	await expect.poll(() => upstream.seen).toHaveLength(1);
	given.destroy();
	await expect.poll(recorded).toMatchObject({ status: 0, output_tokens: 0 });
	expect((await recorded())?.input_tokens).toBeGreaterThan(50_000);
});

test('one that no provider got all of is on record with nothing', async () => {
	const headers = { ...bearer(token), 'transfer-encoding': 'chunked' };
	await ask(fixture.gateway, { target: target(), headers, body: Buffer.alloc(33 * 1024 * 1024, 'x') });
	await expect.poll(recorded).toMatchObject({ status: 0, input_tokens: 0, output_tokens: 0 });
});

test('many calls at once do not each spend what is left of a budget: the others are told to come back', async () => {
	const held: ServerResponse[] = [];
	answer = (_, response) => void held.push(response);
	const { db } = fixture;
	await setBudget(db, ADA, { subject: 'project', subjectId: projectId, period: 'day', limitUsd: 10 });
	await addRecord(db, { usd: 3, project_id: projectId, connection_id: connection.id });
	const open = Array.from({ length: 16 }, () => call({}));
	await expect.poll(() => held.length).toBe(2);
	const refused = await call({});
	expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
	expect(refused.body).toContain('(doce: limit)');
	for (const response of held) replyJson(response, 200, { usage: { completion_tokens: 100 } });
	const statuses = (await Promise.all(open)).map(({ status }) => status).sort();
	expect(statuses).toEqual([200, 200, ...Array(14).fill(429)]);
	answer = ok;
	expect((await call({})).status).toBe(200);
});
