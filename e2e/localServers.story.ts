import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
	type FakeProvider,
	likeOpenAI,
	replyJson,
	startFakeProvider,
} from '../src/server/auth/testing/fakeProvider.ts';
import { openBrowser, openPage } from '../test/harness/browser.ts';
import { type Doce, startDoce } from '../test/harness/doce.ts';
import { faultsOf, signIn, visit } from '../test/harness/pages.ts';

let doce: Doce;
let ollama: FakeProvider | undefined;
let gitlab: FakeProvider;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];
let models: object[] = [];

const GITLAB_TOKEN = 'glpat-good-0123456789';

beforeAll(async () => {
	gitlab = await startFakeProvider(({ path, headers }, response) => {
		const isGood = path === '/api/v4/user' && headers['private-token'] === GITLAB_TOKEN;
		replyJson(response, isGood ? 200 : 401, isGood ? { id: 1 } : { message: '401 Unauthorized' });
	});
	doce = await startDoce();
	browser = await openBrowser();
	context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
	({ page, problems } = await openPage(context));
	await signIn(page, doce);
});

afterAll(async () => {
	await browser?.close();
	await doce?.destroy();
	await ollama?.close();
	await gitlab?.close();
});

/** Toasts have the same role, and a type. */
const dialog = () => page.locator('[role=dialog]:not([data-type])');

/** The port that Ollama has by itself: doce looks there, and nowhere else. */
async function startOllama(): Promise<FakeProvider> {
	return startFakeProvider((request, response) => {
		if (request.path === '/api/tags') return replyJson(response, 200, { models });
		likeOpenAI(['none'])(request, response);
	}, 11434);
}

test('what does not run is told with its cure, and looked for again by keyboard', async () => {
	await visit(page, doce, '/settings');
	await page.getByRole('button', { name: 'Choose a provider' }).click();
	await dialog().waitFor();
	await page.keyboard.type('zzz-none');
	await page.keyboard.press('Enter');
	await page.getByRole('dialog', { name: 'On this machine' }).waitFor();
	const row = page.getByRole('listitem', { name: 'Ollama' });
	// The exact fault depends on the machine, and on whether this runs in a container.
	await row.getByText('Not found').waitFor();
	expect(await faultsOf(page, 'local-none')).toEqual([]);
	ollama = await startOllama();
	await page.getByRole('button', { name: 'Look again' }).focus();
	await page.keyboard.press('Enter');
	await row.getByText('ollama pull qwen3-coder').waitFor();
	expect(await faultsOf(page, 'local-empty')).toEqual([]);
});

test('what runs is connected by one key press, with its models', async () => {
	models = [{ name: 'fake-1' }, { name: 'nomic-embed-text:latest' }];
	await page.getByRole('button', { name: 'Look again' }).click();
	const connect = page.getByRole('button', { name: 'Connect Ollama' });
	await connect.waitFor();
	expect(await faultsOf(page, 'local-found')).toEqual([]);
	await connect.focus();
	await page.keyboard.press('Enter');
	await dialog().waitFor({ state: 'detached' });
	await page.getByText('127.0.0.1:11434').first().waitFor();
	const { connections } = await doce.call('settings/getProviderConnections');
	expect(connections).toMatchObject([
		{ providerId: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', status: 'connected' },
	]);
	const { models: choices } = await doce.call('projects/listModels');
	expect(choices.map((choice: { modelId: string }) => choice.modelId)).toEqual(['fake-1']);
	const { servers } = await doce.call('settings/findLocalServers');
	expect(servers[0]).toMatchObject({ kind: 'ollama', connected: true, fault: null });
});

test('a provider’s own question is answered beside the key, and its fault stands at the question', async () => {
	await page.getByRole('button', { name: 'Add provider' }).click();
	await dialog().waitFor();
	await page.keyboard.type('gitlab');
	await page.keyboard.press('Enter');
	await page.getByRole('dialog', { name: 'GitLab Duo' }).waitFor();
	// It can be signed in to as well; the key is the last of the ways.
	await dialog()
		.getByRole('list', { name: /^Ways to connect/ })
		.getByRole('button')
		.last()
		.click();
	await page.getByLabel('GitLab instance URL').fill(new URL(gitlab.baseURL).origin);
	await dialog()
		.getByLabel(/^API key/)
		.fill(GITLAB_TOKEN);
	await page.keyboard.press('Enter');
	await dialog().getByText('127.0.0.1 is a private address.').waitFor();
	expect(await faultsOf(page, 'fields-refused')).toEqual([]);
	await page.getByRole('switch').focus();
	await page.keyboard.press('Space');
	await page.getByRole('button', { name: 'Test and connect' }).click();
	await dialog().waitFor({ state: 'detached' });
	await page.getByText('GitLab Duo', { exact: true }).first().waitFor();
});

test('a field that decides where the key goes is changed only together with the key', async () => {
	await page.getByRole('button', { name: /^More for GitLab Duo/ }).click();
	await page.getByRole('menuitem', { name: 'Edit' }).click();
	await dialog().waitFor();
	const instance = page.getByLabel('GitLab instance URL');
	expect(await instance.inputValue()).toBe(new URL(gitlab.baseURL).origin);
	await instance.fill(`http://localhost:${gitlab.port}`);
	await page.getByRole('button', { name: 'Test and save' }).click();
	await dialog().getByText('This changes where the key is sent. Enter the key again, too.').waitFor();
	expect(await faultsOf(page, 'fields-edit')).toEqual([]);
	await page.getByLabel(/^New API key/).fill(GITLAB_TOKEN);
	await page.getByRole('button', { name: 'Test and save' }).click();
	await dialog().waitFor({ state: 'detached' });
	const { connections } = await doce.call('settings/getProviderConnections');
	const saved = connections.find((one: { providerId: string }) => one.providerId === 'gitlab');
	expect(saved.fields).toEqual({ instanceUrl: `http://localhost:${gitlab.port}` });
});

test('no page had an error or loaded what it may not', () => {
	// The refusals that the story asked for are answers with an error status, which the browser reports.
	expect(problems.filter((problem) => !/status of 4\d\d|status of 503/.test(problem))).toEqual([]);
});
