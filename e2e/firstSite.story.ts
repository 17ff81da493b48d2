import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import {
	chosenRuntime,
	type Doce,
	descendants,
	gatewayOf,
	openPreview,
	startDoce,
	until,
} from '../test/harness/doce.ts';
import { connect, getProject, KEY, untilBuilt, untilPrompt } from '../test/harness/project.ts';

let doce: Doce;
let llm: FakeLlm;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	doce = await startDoce();
});

afterAll(async () => {
	await doce?.destroy();
	await llm?.close();
});

const FORMATS = [
	{ providerId: 'my-endpoint', path: '/v1', format: 'chat-completions', model: 'fake-1' },
	{ providerId: 'openai', path: '/openai/v1', format: 'responses', model: 'gpt-4.1' },
	{ providerId: 'anthropic', path: '/anthropic/v1', format: 'messages', model: 'claude-sonnet-4-5' },
	{ providerId: 'google', path: '/google/v1beta', format: 'generate-content', model: 'gemini-2.5-flash' },
];

test.each(FORMATS)('a site is asked for and seen, over $format', async ({ providerId, path, format, model }) => {
	await connect(doce, providerId, llm.url + path, { models: [{ id: model }] });
	const prompt = `{{write src/pages/index.astro <h1>Built over ${format}</h1>}}`;
	const { projectId, slug } = await doce.call('projects/create', { prompt, name: format, providerId, modelId: model });
	expect(slug).toMatch(/^[a-z-]+$/);
	const project = await untilBuilt(doce, projectId);
	expect(project).toMatchObject({
		status: 'running',
		providerId,
		modelId: model,
		runtime: chosenRuntime()['DOCE_RUNTIME'] ?? 'process',
		busy: false,
		notices: [],
	});
	expect(project.steps.map((step: { type: string }) => step.type)).toEqual([
		'project.create',
		'runtime.start',
		'opencode.waitHealthy',
		'opencode.setProviderCredentials',
		'opencode.sessionCreate',
		'opencode.sendInitialPrompt',
	]);
	await until(async () => (await openPreview(project.previewUrl)).body.includes(`Built over ${format}`));
	const calls = llm.requests.filter((call) => call.kind === 'generate' && call.userText === prompt);
	expect(calls.every((call) => call.format === format && call.key === KEY)).toBe(true);
	const { messages } = await doce.call('chat/messages', { projectId });
	expect(messages[0]).toMatchObject({ role: 'user', parts: [{ type: 'text', text: prompt }] });
	expect(
		messages.some((message: { parts: { type: string; state?: string }[] }) => message.parts[0]?.type === 'tool'),
	).toBe(true);
	await doce.call('projects/stop', { projectId });
	await until(async () => (await getProject(doce, projectId)).status === 'stopped');
});

test('a message to a stopped project wakes it and is answered, and a later one sees what changed', async () => {
	const { projects } = await doce.call('projects/list');
	const { id: projectId, previewUrl } = await getProject(doce, projects[0].id);
	expect((await openPreview(previewUrl)).status).toBe(503);
	await doce.call('chat/send', { projectId, text: '{{write src/pages/about.astro <h1>About us</h1>}}' });
	await untilPrompt(doce, projectId, 'succeeded');
	const woken = await getProject(doce, projectId);
	const { search } = new URL(woken.previewUrl);
	await until(async () =>
		(await openPreview(woken.previewUrl.replace(`/${search}`, `/about${search}`))).body.includes('About us'),
	);
	const { content } = await doce.call('projects/readFile', { projectId, path: 'src/pages/about.astro' });
	expect(content).toBe('<h1>About us</h1>');
});

test('a rejected key is said in words, and the message waits and is answered once after the key is replaced', async () => {
	const { connections } = await doce.call('settings/getProviderConnections');
	const google = connections.find((connection: { providerId: string }) => connection.providerId === 'google');
	const { projects } = await doce.call('projects/list');
	const projectId = projects.find((project: { providerId: string }) => project.providerId === 'google').id;
	llm.setKeys(['sk-new-key-0987654321']);
	await doce.call('chat/send', { projectId, text: 'After the key' });
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	const { jobs } = await doce.call('queue/list', { projectId, type: 'chat.sendPrompt' });
	expect(jobs[0].lastError).toContain('Google rejected the key');
	const refused = await doce.call('settings/getProviderConnections');
	expect(refused.connections.find((c: { id: string }) => c.id === google.id)).toMatchObject({
		status: 'error',
		reason: 'key_rejected',
	});

	await doce.call('settings/updateProviderConnection', { connectionId: google.id, apiKey: 'sk-new-key-0987654321' });
	await untilPrompt(doce, projectId, 'succeeded');
	const { messages } = await doce.call('chat/messages', { projectId });
	expect(
		messages.filter(
			(m: { role: string; parts: { text?: string }[] }) => m.role === 'user' && m.parts[0]?.text === 'After the key',
		),
	).toHaveLength(1);
	expect(llm.requests.filter((call) => call.userText === 'After the key' && call.status === 200)).toHaveLength(1);
	llm.setKeys([KEY, 'sk-new-key-0987654321']);
});

test('a provider connected while a project runs is used from the next message on, without a restart', async () => {
	const { projects } = await doce.call('projects/list');
	const projectId = projects.find((project: { providerId: string }) => project.providerId === 'google').id;
	const pids = descendants(doce.pid());
	await connect(doce, 'late', `${llm.url}/v1`, { apiKey: 'sk-new-key-0987654321', models: [{ id: 'late-1' }] });
	await doce.call('projects/setModel', { projectId, providerId: 'late', modelId: 'late-1' });
	await doce.call('chat/send', { projectId, text: 'With the new one' });
	await untilPrompt(doce, projectId, 'succeeded');
	const [call] = llm.requests.filter((request) => request.userText === 'With the new one');
	expect(call).toMatchObject({ model: 'late-1', key: 'sk-new-key-0987654321', format: 'chat-completions' });
	expect(descendants(doce.pid())).toEqual(pids);
	const held = join(doce.dataDir, 'projects', projectId, 'opencode/data/opencode/auth.json');
	expect(Object.keys(JSON.parse(readFileSync(held, 'utf8')))).toEqual(['late']);
});

test('a turn is stopped by the person, and the next message is answered', async () => {
	const { projects } = await doce.call('projects/list');
	const projectId = projects[0].id;
	await doce.call('chat/send', { projectId, text: '{{slow 200}} {{long 300}}' });
	await until(
		async () =>
			(await getProject(doce, projectId)).busy && llm.requests.some((call) => call.userText.includes('{{long 300}}')),
	);
	await doce.call('chat/stop', { projectId });
	await untilPrompt(doce, projectId, 'cancelled');
	const stopped = (await doce.call('chat/messages', { projectId })).messages;
	expect(stopped.find((m: { error?: { kind: string } }) => m.error?.kind === 'cancelled')).toBeDefined();
	await doce.call('chat/send', { projectId, text: 'And now?' });
	await untilPrompt(doce, projectId, 'succeeded');
});

test('a deleted project leaves no process, folder or page behind', async () => {
	const { projects } = await doce.call('projects/list');
	const project = await getProject(doce, projects[0].id);
	const folder = join(doce.dataDir, 'projects', project.id);
	expect(existsSync(folder)).toBe(true);
	await doce.call('projects/delete', { projectId: project.id });
	await until(async () => (await doce.request('projects/get', { projectId: project.id })).status === 404);
	expect(existsSync(folder)).toBe(false);
	expect((await openPreview(project.previewUrl)).status).toBe(404);
	await until(() => descendants(doce.pid()).every((pid) => pid === gatewayOf(doce.pid())));
});
