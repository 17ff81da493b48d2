import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectImage } from '#server/runtime/docker/image.ts';
import { SETUP_STEPS } from '#shared/queue.ts';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openBrowser } from '../test/harness/browser.ts';
import { type Doce, openPreview, startDoce, until } from '../test/harness/doce.ts';
import { accessibilityFaults, signIn, visit } from '../test/harness/pages.ts';
import { connect, getProject, KEY, untilBuilt, untilPrompt, untilStepBegan } from '../test/harness/project.ts';
import { type OwnEngine, startEngine } from './testing/ownEngine.ts';

/* Docker, killed, restarted, away and full, while projects are made and used. */

const AWAY = /Docker does not answer/;

let engine: OwnEngine;
let doce: Doce;
let llm: FakeLlm;
let browser: Browser;

beforeAll(async () => {
	[engine, llm, browser] = await Promise.all([
		startEngine(projectImage(join(import.meta.dirname, '..'))),
		startFakeLlm({ keys: [KEY] }),
		openBrowser(),
	]);
	doce = await startDoce({ env: { DOCE_RUNTIME: 'docker', DOCKER_HOST: engine.host } });
	await connect(doce, 'mine', `${llm.url}/v1`);
});

afterAll(async () => {
	await browser?.close();
	await doce?.destroy();
	await llm?.close();
	await engine?.close();
});

const troubleOf = async (): Promise<string | null> => (await doce.call('settings/getRuntime')).trouble;
const statusOf = async (projectId: string): Promise<string> => (await getProject(doce, projectId)).status;

async function create(name: string): Promise<string> {
	const prompt = `{{write src/pages/index.astro <p>This is ${name}</p>}} {{slow 20}}`;
	return (await doce.call('projects/create', { prompt, name })).projectId;
}

async function untilShown(projectId: string, words: string): Promise<void> {
	const { previewUrl } = await getProject(doce, projectId);
	await until(async () => (await openPreview(previewUrl)).body.includes(words), 60_000);
}

async function remove(projectId: string): Promise<void> {
	await doce.call('projects/delete', { projectId });
	await until(async () => (await doce.request('projects/get', { projectId })).status === 404, 60_000);
}

const INTERRUPTIONS = SETUP_STEPS.flatMap((type) =>
	(['killed', 'stopped'] as const).map((how) => ({
		how,
		type,
		end: () => (how === 'killed' ? engine.kill() : engine.stop()),
	})),
);

test.each(INTERRUPTIONS)('$how during $type: when it is back, the project ends as it should', async ({ type, end }) => {
	const projectId = await create(type);
	await untilStepBegan(doce, projectId, type, 90_000);
	await end();
	await until(async () => AWAY.test((await troubleOf()) ?? ''));
	await engine.start();
	await until(async () => (await troubleOf()) === null);
	await untilBuilt(doce, projectId, 150_000);
	await until(async () => (await statusOf(projectId)) === 'running', 60_000);
	await untilShown(projectId, `This is ${type}`);
	const { messages } = await doce.call('chat/messages', { projectId });
	expect(messages.filter(({ role }: { role: string }) => role === 'user')).toHaveLength(1);
	await remove(projectId);
});

test('while it is away, pages say so with the cure, a message waits, and all goes on by itself', async () => {
	const projectId = await create('Away');
	await untilBuilt(doce, projectId);
	await engine.stop();
	await until(async () => AWAY.test((await troubleOf()) ?? ''));
	const page = await browser.newPage();
	await signIn(page, doce);
	for (const path of ['/', `/projects/${projectId}`, '/settings']) {
		await visit(page, doce, path);
		await page.getByText(AWAY).first().waitFor();
		expect(await accessibilityFaults(page)).toEqual([]);
	}
	await doce.call('chat/send', { projectId, text: 'Are you there?' });
	const later = await create('Later');
	await engine.start();
	await untilPrompt(doce, projectId, 'succeeded', 120_000);
	await untilBuilt(doce, later);
	await page.getByText(AWAY).waitFor({ state: 'detached' });
	await untilShown(projectId, 'This is Away');
	await page.close();
	await remove(later);
});

test('without it doce starts, and puts in order what ran before once it comes', async () => {
	const { projects } = await doce.call('projects/list');
	const { id: projectId } = projects[0];
	await doce.kill();
	await engine.kill();
	await doce.restart();
	expect(await troubleOf()).toMatch(AWAY);
	await engine.start();
	await untilShown(projectId, 'This is Away');
	await until(async () => (await statusOf(projectId)) === 'running');
});

test('a container that somebody kills or removes is made again', async () => {
	const { projects } = await doce.call('projects/list');
	const { id: projectId } = projects[0];
	for (const [name, verb] of [
		['opencode', ['kill']],
		['preview', ['rm', '--force']],
	] as const) {
		const [id = ''] = containersOf(projectId, name);
		engine.docker(...verb, id);
		await until(() => containersOf(projectId, name).some((other) => other !== id), 60_000);
		await until(async () => (await statusOf(projectId)) === 'running', 60_000);
	}
	await doce.call('chat/send', { projectId, text: 'Still there?' });
	await untilPrompt(doce, projectId, 'succeeded', 60_000);
	await untilShown(projectId, 'This is Away');
});

function containersOf(projectId: string, role: string): string[] {
	const filters = [`label=dev.doce.project=${projectId}`, `label=dev.doce.role=${role}`];
	const argv = ['ps', '--quiet', '--no-trunc', ...filters.flatMap((filter) => ['--filter', filter])];
	return engine
		.docker(...argv)
		.split('\n')
		.filter(Boolean);
}

test.each(SETUP_STEPS)('out of disk during %s: the project says so or does not notice, and recovers', async (type) => {
	const projectId = await create(type);
	await untilStepBegan(doce, projectId, type, 90_000);
	const makeRoom = engine.fillDisk();
	const isFull = async () => JSON.stringify(await getProject(doce, projectId)).includes('the disk is full');
	const isBuilt = async () =>
		(await getProject(doce, projectId)).steps.every(({ state }: { state: string }) => state === 'succeeded');
	await until(async () => (await isFull()) || (await isBuilt()), 60_000);
	expect(await troubleOf()).toBeNull();
	makeRoom();
	if (!(await isBuilt())) await until(async () => ['running', 'error'].includes(await statusOf(projectId)), 60_000);
	if ((await statusOf(projectId)) === 'error') await doce.call('projects/start', { projectId });
	await untilBuilt(doce, projectId);
	await untilShown(projectId, `This is ${type}`);
	await remove(projectId);
});

test('an agent whose container is killed while its project is set up is started again', async () => {
	const projectId = await create('Ended');
	await untilStepBegan(doce, projectId, 'opencode.waitHealthy');
	await until(() => containersOf(projectId, 'opencode').length === 1);
	engine.docker('kill', ...containersOf(projectId, 'opencode'));
	await untilBuilt(doce, projectId);
	await untilShown(projectId, 'This is Ended');
	await remove(projectId);
});

test('out of disk, a start fails with that word, while Docker is not called away, and works once there is room', async () => {
	const { projects } = await doce.call('projects/list');
	const { id: projectId } = projects[0];
	await doce.call('projects/stop', { projectId });
	await until(async () => (await statusOf(projectId)) === 'stopped', 60_000);
	const makeRoom = engine.fillDisk();
	await doce.call('projects/start', { projectId });
	await until(async () => JSON.stringify(await getProject(doce, projectId)).includes('the disk is full'), 60_000);
	expect(await troubleOf()).toBeNull();
	makeRoom();
	await until(async () => (await statusOf(projectId)) === 'error', 60_000);
	await doce.call('projects/start', { projectId });
	await until(async () => (await statusOf(projectId)) === 'running', 60_000);
	await untilShown(projectId, 'This is Away');
});
