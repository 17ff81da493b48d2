import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../src/server/db/client.ts';
import { createSignIn } from '../src/server/users/signIn.ts';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, startDoce } from '../test/harness/doce.ts';
import { connect, KEY } from '../test/harness/project.ts';

type Verb = { path: string; required: string[]; properties: string[] };

let doce: Doce;
let llm: FakeLlm;
let verbs: Verb[];
let eve: string;
let mine: Record<string, string>;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	doce = await startDoce();
	const connection = await connect(doce, 'mine', `${llm.url}/v1`);
	const { projectId } = await doce.call('projects/create', { prompt: 'A page' });
	const { jobs } = await doce.call('queue/list');
	mine = { projectId, connectionId: connection.id, jobId: jobs[0].id };
	eve = await createMember('eve');
	verbs = await listVerbs();
});

afterAll(async () => {
	await doce?.destroy();
	await llm?.close();
});

/** A second person, made in the data folder, since doce has no screen for that yet. */
async function createMember(name: string): Promise<string> {
	const { db, close } = await openDatabase(`${doce.dataDir}/doce.sqlite`);
	await createSignIn({ db, secret: 'only used to sign cookies', publicUrl: new URL(doce.url) }).createUser(
		name,
		'long enough',
	);
	await close();
	return doce.cli('token', 'create', '--name', name, '--user', name).trim();
}

async function listVerbs(): Promise<Verb[]> {
	const { paths } = await (await fetch(`${doce.url.replace('localhost', '127.0.0.1')}/api/v1/openapi.json`)).json();
	return Object.entries(
		paths as Record<
			string,
			{ post: { requestBody: { content: Record<string, { schema: { required?: string[]; properties?: object } }> } } }
		>,
	).map(([path, { post }]) => {
		const schema = post.requestBody.content['application/json']?.schema ?? {};
		return {
			path: path.replace('/api/v1/', ''),
			required: schema.required ?? [],
			properties: Object.keys(schema.properties ?? {}),
		};
	});
}

/** Everything that a verb could have changed. */
async function state(): Promise<string> {
	const lists = [
		'settings/getProviderConnections',
		'projects/list',
		'audit/list',
		'queue/status',
		'users/listSessions',
	];
	const answers = await Promise.all(lists.map(async (verb) => (await doce.request(verb, {})).text()));
	return answers.join('\n').replace(/"(lastActiveAt|lastUsedAt|status)":[^,}]*/g, '');
}

async function refusal(answer: Response): Promise<{ status: number; code: string; message: string }> {
	const body = (await answer.json()) as { error?: { code: string; message: string } };
	return { status: answer.status, code: body.error?.code ?? '', message: body.error?.message ?? '' };
}

test('the list of verbs is complete', () => {
	expect(verbs.length).toBeGreaterThan(25);
	for (const name of ['settings/connectProvider', 'projects/create', 'chat/send', 'queue/cancel', 'audit/list']) {
		expect(verbs.map(({ path }) => path)).toContain(name);
	}
});

test('without a token every verb refuses, but for the two that sign people in', async () => {
	const open: string[] = [];
	for (const { path } of verbs) {
		const { code, message } = await refusal(await doce.request(path, {}, { origin: doce.url }));
		if (code !== 'unauthenticated') open.push(path);
		expect(message, path).not.toBe('');
	}
	expect(open.sort()).toEqual(['users/setup', 'users/signIn']);
});

test('a script without a token is refused by its origin, with a wrong one as nobody', async () => {
	expect(await refusal(await doce.request('projects/list', {}, {}))).toMatchObject({ status: 403, code: 'forbidden' });
	const wrong = await refusal(
		await doce.request('projects/list', {}, { authorization: 'Bearer dct_wrong', origin: doce.url }),
	);
	expect(wrong).toMatchObject({ status: 401, code: 'unauthenticated' });
});

test('missing and mistyped fields are named, and nothing changes', async () => {
	const before = await state();
	for (const { path, required, properties } of verbs) {
		if (required.length > 0) {
			const missing = await refusal(await doce.request(path, {}));
			expect(missing, path).toMatchObject({ status: 400, code: 'invalid' });
			expect(missing.message, path).toContain(required[0]);
		}
		for (const name of properties) {
			for (const value of [{ an: ['object'] }, -12.5, 'x'.repeat(300_000)]) {
				const answer = await refusal(await doce.request(path, { ...mine, [name]: value }));
				expect(answer.status, `${path} ${name}`).toBeGreaterThanOrEqual(400);
				expect(answer.status, `${path} ${name}: ${answer.message}`).toBeLessThan(500);
			}
		}
	}
	expect(await state()).toBe(before);
});

test('a body that is not JSON, and one that is no object, are refused in words', async () => {
	const send = (body: string) =>
		fetch(`${doce.url.replace('localhost', '127.0.0.1')}/api/v1/projects/list`, {
			method: 'POST',
			headers: { authorization: `Bearer ${eve}`, 'content-type': 'application/json' },
			body,
		});
	expect(await refusal(await send('{"a":'))).toMatchObject({ status: 400, message: 'The body is not valid JSON.' });
	expect((await refusal(await send('[]'))).status).toBe(400);
	expect((await refusal(await send('"text"'))).status).toBe(400);
});

test('another person’s project, connection and job do not exist for one', async () => {
	const before = await state();
	const rest = {
		text: 'hi',
		providerId: 'mine',
		modelId: 'fake-1',
		path: 'package.json',
		process: 'preview',
		label: 'x',
		mode: 'off',
		sealedOnly: true,
	};
	for (const { path, required } of verbs) {
		const id = ['projectId', 'connectionId', 'jobId'].find((name) => required.includes(name));
		if (id === undefined) continue;
		const answer = await refusal(await doce.request(path, { ...rest, ...mine }, { authorization: `Bearer ${eve}` }));
		expect(answer, path).toMatchObject({ status: 404, code: 'not_found' });
	}
	const lists = await Promise.all(
		['projects/list', 'settings/getProviderConnections', 'queue/list', 'audit/list'].map(async (verb) =>
			(await doce.request(verb, {}, { authorization: `Bearer ${eve}` })).text(),
		),
	);
	const none = ['projects', 'connections', 'jobs', 'entries'].map((what) => expect.stringContaining(`{"${what}":[]`));
	expect(lists).toEqual(none);
	expect(await state()).toBe(before);
});

test('a member may not do what is an admin’s', async () => {
	const asEve = (verb: string, input: unknown) => doce.request(verb, input, { authorization: `Bearer ${eve}` });
	expect((await refusal(await asEve('queue/pause', {}))).code).toBe('forbidden');
	const custom = { name: 'Local', baseURL: `${llm.url}/v1`, models: [{ id: 'm' }], local: true };
	const connectLocal = await asEve('settings/connectProvider', {
		providerId: 'local',
		authType: 'api',
		apiKey: KEY,
		custom,
	});
	expect((await refusal(connectLocal)).code).toBe('forbidden');
});

test.each([
	['an unknown provider', { providerId: 'nobody-knows' }],
	['a provider id with a path', { providerId: '../../etc' }],
	['an empty key', { apiKey: '  ' }],
	['a key of two lines', { apiKey: 'sk-one\nsk-two' }],
	['a key with spaces', { apiKey: 'sk one two' }],
	['a bad address', { custom: { name: 'x', baseURL: 'not an address', models: [{ id: 'm' }] } }],
	[
		'a metadata address',
		{ custom: { name: 'x', baseURL: 'http://169.254.169.254/v1', models: [{ id: 'm' }], local: true } },
	],
	[
		'a link-local address',
		{ custom: { name: 'x', baseURL: 'http://[fe80::1]/v1', models: [{ id: 'm' }], local: true } },
	],
	[
		'a private address without the admin’s word',
		{ custom: { name: 'x', baseURL: 'http://127.0.0.1:9/v1', models: [{ id: 'm' }] } },
	],
	['no model', { custom: { name: 'x', baseURL: 'https://example.com/v1', models: [] } }],
])('connecting with %s is refused in words and changes nothing', async (_, change) => {
	const before = await state();
	const input = {
		providerId: 'another',
		authType: 'api',
		apiKey: KEY,
		custom: { name: 'x', baseURL: `${llm.url}/v1`, models: [{ id: 'm' }], local: true },
		...change,
	};
	if ('providerId' in change && change.providerId === 'nobody-knows') delete (input as { custom?: object }).custom;
	const answer = await refusal(await doce.request('settings/connectProvider', input));
	expect(answer).toMatchObject({ status: 400, code: 'invalid' });
	expect(answer.message.length).toBeGreaterThan(20);
	expect(await state()).toBe(before);
});
