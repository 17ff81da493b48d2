import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import { type FakeLlm, startFakeLlm } from '../../../test/fakes/llm/fakeLlm.ts';
import { until } from '../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../test/harness/openCode.ts';
import { plainModel } from './catalogModels.ts';
import { connectOpenCode } from './client.ts';
import { PACKAGE_OF_FORMAT, type ProviderSetup } from './config.ts';
import type { OpenCodeEvent } from './events.ts';
import { newOpenCodeMessageId, partIdOf } from './ids.ts';

const KEY = 'sk-good-0123456789abcdef';
const HEADERS = { 'x-team': 'blue' };

let llm: FakeLlm;
let server: OpenCodeUnderTest;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	server = await startOpenCode({
		providers: providers(llm.url),
		instructions: (workspace) => [join(workspace, 'AGENTS.md')],
	});
	const { workspace, openCode } = server;
	writeFileSync(join(workspace, 'AGENTS.md'), 'The site is called Quiet Harbour.');
	const takeOver = { provider: { acme: { options: { baseURL: 'http://127.0.0.1:9', headers: { 'x-team': 'red' } } } } };
	writeFileSync(join(workspace, 'opencode.json'), JSON.stringify({ ...takeOver, permission: { write: 'deny' } }));
	const ids = providers('').map(({ providerId }) => providerId);
	await Promise.all(ids.map((id) => openCode.setCredential(id, { type: 'api', key: new Secret(KEY) })));
});

afterAll(async () => {
	await server?.destroy();
	await llm?.close();
});

describe('credentials', () => {
	test('set at the same time are all there, in a file that nobody else can read', () => {
		const file = authFile();
		expect(Object.keys(JSON.parse(readFileSync(file, 'utf8'))).sort()).toEqual([
			'acme',
			'anthropic',
			'google',
			'openai',
		]);
		expect(statSync(file).mode & 0o777).toBe(0o600);
	});

	test('are refused by a server that has another password', async () => {
		const stranger = connectOpenCode({ ...server.address, password: 'wrong' });
		expect(await stranger.isHealthy()).toBe(false);
		const refusal = stranger.setCredential('acme', { type: 'api', key: new Secret('sk-other') });
		await expect(refusal).rejects.toThrow('OpenCode did not do auth.set: 401.');
	});

	test('stay as they were in a running project until a dispose', async () => {
		const { openCode } = server;
		expect(await say('acme', 'first')).toMatch(/Done/);
		await openCode.setCredential('acme', { type: 'api', key: new Secret('sk-revoked-key') });
		expect(await say('acme', 'second')).toMatch(/Done/);
		await openCode.dispose();
		const { message } = await ask('acme', 'third');
		expect(message).toMatchObject({ error: { name: 'APIError', statusCode: 401 } });
		await openCode.setCredential('acme', { type: 'api', key: new Secret(KEY) });
		await openCode.dispose();
		expect(await say('acme', 'fourth')).toMatch(/Done/);
	});
});

test.each([
	['acme', 'chat-completions'],
	['openai', 'responses'],
	['anthropic', 'messages'],
	['google', 'generate-content'],
])('%s writes a file by %s', async (providerId, format) => {
	const before = llm.requests.length;
	expect(await say(providerId, `{{write ${providerId}.txt hello from ${providerId}}}`)).toMatch(/Done.*tools=1/);
	expect(readFileSync(join(server.workspace, `${providerId}.txt`), 'utf8').trim()).toBe(`hello from ${providerId}`);
	const made = llm.requests.slice(before);
	// Two requests: the tool call and the closing words. There is none for a title.
	expect(made.map((request) => [request.format, request.key, request.headers['x-team']])).toEqual([
		[format, KEY, 'blue'],
		[format, KEY, 'blue'],
	]);
});

test('the agent reads the instructions it was given', async () => {
	await say('acme', 'hello');
	expect(JSON.stringify(llm.requests.at(-1)?.body)).toContain('Quiet Harbour');
});

describe('a message', () => {
	test('sent twice is one message, and its tool runs once', async () => {
		const prompt = await newPrompt('acme', '{{bash echo once >> count.txt}}');
		await server.openCode.sendPrompt(prompt);
		await idle(prompt.sessionId);
		const before = llm.requests.length;
		await server.openCode.sendPrompt(prompt);
		// Long enough for a second turn to have begun.
		await sleep(1_000);
		await idle(prompt.sessionId);
		expect(llm.requests.length).toBe(before);
		expect(await texts(prompt.sessionId, 'user')).toEqual(['{{bash echo once >> count.txt}}']);
		expect(readFileSync(join(server.workspace, 'count.txt'), 'utf8')).toBe('once\n');
	});

	test('whose turn was killed is taken up when it is sent again', async () => {
		const prompt = await newPrompt('acme', '{{slow 60}} {{write before.txt x}} {{write after.txt y}} {{long 40}}');
		await server.openCode.sendPrompt(prompt);
		await until(() => existsSync(join(server.workspace, 'before.txt')));
		await server.restart();
		await server.openCode.sendPrompt(prompt);
		await until(() => existsSync(join(server.workspace, 'after.txt')));
		await idle(prompt.sessionId);
		expect(await texts(prompt.sessionId, 'user')).toEqual([prompt.text]);
	});

	test('can be stopped', async () => {
		const prompt = await newPrompt('acme', '{{slow 100}} {{long 400}}');
		const before = llm.requests.length;
		await server.openCode.sendPrompt(prompt);
		await until(() => llm.requests.length > before);
		expect(await server.openCode.busySessions()).toEqual([prompt.sessionId]);
		await server.openCode.abort(prompt.sessionId);
		await idle(prompt.sessionId);
		const answer = (await server.openCode.listMessages(prompt.sessionId)).at(-1)?.message;
		expect(answer).toMatchObject({ error: { name: 'MessageAbortedError' } });
	});
});

test('a session is found again by its owner, also after a restart', async () => {
	const first = await server.openCode.ensureSession('project-1', 'A site');
	await server.restart();
	expect(await server.openCode.ensureSession('project-1', 'A site')).toBe(first);
	expect(await server.openCode.ensureSession('project-2', 'A site')).not.toBe(first);
});

test('events tell a turn from its first word to its last, across a dispose', async () => {
	const seen: OpenCodeEvent[] = [];
	const stopper = new AbortController();
	const reading = (async () => {
		for await (const event of server.openCode.events(stopper.signal)) seen.push(event);
	})();
	await until(() => seen.length > 0);
	await server.openCode.dispose();
	const text = await say('acme', '{{write told.txt x}}');
	await until(() => seen.some(({ type }) => type === 'session.idle'));
	stopper.abort();
	await reading;
	expect(seen[0]?.type).toBe('connected');
	const kinds = new Set(seen.map(({ type }) => type));
	const expected = ['message.updated', 'message.part.updated', 'message.part.delta', 'session.status', 'file.edited'];
	expect([...kinds]).toEqual(expect.arrayContaining(expected));
	expect(seen.flatMap((event) => (event.type === 'message.part.delta' ? [event.text] : [])).join('')).toBe(text);
	const tools = seen.flatMap((event) => (event.type === 'message.part.updated' ? [event.part] : []));
	expect(tools.flatMap((part) => (part.type === 'tool' ? [part.state] : []))).toEqual(
		expect.arrayContaining(['pending', 'running', 'completed']),
	);
});

test('a provider that is overloaded is tried again, and the events say when', async () => {
	const stopper = new AbortController();
	const waits: number[] = [];
	const reading = (async () => {
		for await (const event of server.openCode.events(stopper.signal)) {
			if (event.type === 'session.status' && event.status.type === 'retry') waits.push(event.status.next - Date.now());
		}
	})();
	expect(await say('acme', '{{status 429 1 x1}} hello')).toMatch(/Done/);
	stopper.abort();
	await reading;
	expect(waits).toHaveLength(1);
	expect(waits[0]).toBeLessThanOrEqual(1_000);
});

test('the key is in auth.json and in no other file, nor in the process', async () => {
	expect(filesWith(server.home, KEY)).toEqual([authFile()]);
	expect(filesWith(server.workspace, KEY)).toEqual([]);
	expect(server.output()).not.toContain(KEY);
	for (const file of ['environ', 'cmdline']) {
		expect(readFileSync(`/proc/${server.pid()}/${file}`, 'latin1')).not.toContain(KEY);
	}
});

function providers(url: string): ProviderSetup[] {
	const setup = (providerId: string, format: keyof typeof PACKAGE_OF_FORMAT, model: string, path: string) => ({
		providerId,
		npm: PACKAGE_OF_FORMAT[format],
		baseURL: `${url}${path}`,
		headers: HEADERS,
		models: [plainModel(model)],
	});
	return [
		setup('acme', 'chat-completions', 'acme-1', '/acme/v1'),
		setup('openai', 'responses', 'gpt-5.2', '/openai/v1'),
		setup('anthropic', 'messages', 'claude-sonnet-4-5', '/anthropic/v1'),
		setup('google', 'generate-content', 'gemini-2.5-flash', '/google/v1beta'),
	];
}

let owners = 0;

async function newPrompt(providerId: string, text: string) {
	const modelId = providers('').find((setup) => setup.providerId === providerId)?.models[0]?.id ?? '';
	const sessionId = await server.openCode.ensureSession(`owner-${++owners}`, 'A test');
	const messageId = newOpenCodeMessageId(Date.now());
	return { sessionId, messageId, partId: partIdOf(messageId), text, providerId, modelId };
}

async function ask(providerId: string, text: string) {
	const prompt = await newPrompt(providerId, text);
	await server.openCode.sendPrompt(prompt);
	await idle(prompt.sessionId);
	const last = (await server.openCode.listMessages(prompt.sessionId)).at(-1);
	if (last === undefined) throw new Error('The session has no messages.');
	return last;
}

async function say(providerId: string, text: string): Promise<string> {
	const { parts } = await ask(providerId, text);
	return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

async function texts(sessionId: string, role: 'user' | 'assistant'): Promise<string[]> {
	const entries = await server.openCode.listMessages(sessionId);
	return entries
		.filter(({ message }) => message.role === role)
		.flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')));
}

/** Until the session has an answer that has ended, and nobody works on it. */
async function idle(sessionId: string): Promise<void> {
	await until(async () => {
		const last = (await server.openCode.listMessages(sessionId)).at(-1)?.message;
		if (last?.role !== 'assistant') return false;
		return !(await server.openCode.busySessions()).includes(sessionId);
	}, 60_000);
}

function authFile(): string {
	return join(server.home, 'data', 'opencode', 'auth.json');
}

function filesWith(folder: string, text: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name))
		.filter((file) => readFileSync(file).includes(text));
}
