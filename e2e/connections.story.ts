import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openBrowser, openPage, picture } from '../test/harness/browser.ts';
import { type Doce, startDoce, until } from '../test/harness/doce.ts';
import { accessibilityFaults, overflow, signIn, visit } from '../test/harness/pages.ts';
import { connect, getProject, KEY, untilBuilt, untilPrompt } from '../test/harness/project.ts';

const HOME_KEY = 'sk-home-key-1234567890';
const NEW_KEY = 'sk-new-key-0987654321';
const MODELS = { models: [{ id: 'sonnet-1' }] };
let doce: Doce;
let llm: FakeLlm;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];
let projectId: string;
let workId: string;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY, HOME_KEY, NEW_KEY], models: ['sonnet-1'] });
	doce = await startDoce();
	workId = (await connect(doce, 'openai', `${llm.url}/v1`, { ...MODELS, label: 'Work' })).id;
	await connect(doce, 'openai', `${llm.url}/v1`, { ...MODELS, label: 'Home', apiKey: HOME_KEY });
	await connect(doce, 'groq', `${llm.url}/v1`, { ...MODELS, label: 'Groq' });
	const project = { prompt: 'Begin', name: 'Bakery', providerId: 'openai', modelId: 'sonnet-1' };
	({ projectId } = await doce.call('projects/create', project));
	await untilBuilt(doce, projectId);
	await doce.call('projects/setFallback', { projectId, mode: 'off' });
	browser = await openBrowser();
	context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
	({ page, problems } = await openPage(context));
	await signIn(page, doce);
	await visit(page, doce, '/settings');
});

afterAll(async () => {
	await browser?.close();
	await doce?.destroy();
	await llm?.close();
});

const list = (on = page) => on.getByRole('list', { name: 'Connected providers' });
const row = (name: string, on = page) => list(on).getByRole('listitem', { name, exact: true });
const order = (on = page) =>
	list(on)
		.locator('> li')
		.evaluateAll((rows) => rows.map((each) => each.ariaLabel));
const say = (text: string) => doce.call('chat/send', { projectId, text });
const keyOf = (text: string) => llm.requests.findLast((call) => call.userText === text && call.status === 200)?.key;

/** Opens a row's menu with the keyboard alone and chooses an item of it. */
async function choose(name: string, item: string): Promise<void> {
	await page.getByRole('button', { name: `More for ${name}` }).focus();
	await page.keyboard.press('Enter');
	const chosen = page.getByRole('menuitem', { name: item, exact: true });
	await chosen.waitFor();
	for (let step = 0; step < 15 && !(await isFocused(chosen)); step++) await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await chosen.waitFor({ state: 'detached' });
}

const isFocused = (target: Locator) => target.evaluate((element) => element === document.activeElement);

test('a row says which account is in use, where its key is, and which projects use it', async () => {
	await row('OpenAI, Work').getByText('In use', { exact: true }).waitFor();
	await row('OpenAI, Home').getByText('Not in use').waitFor();
	expect(await row('OpenAI, Work').textContent()).toMatch(
		/API key ···7890[\s\S]*Key stays outside projects[\s\S]*last used/,
	);
	await row('OpenAI, Work')
		.getByRole('button', { name: /Used by 1 project/ })
		.press('Enter');
	const dialog = page.getByRole('dialog', { name: 'Projects of OpenAI, Work' });
	await dialog.getByRole('link', { name: 'Bakery' }).waitFor();
	await dialog.getByText('Delivered').waitFor();
	await picture(page, 'connection-projects');
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'detached' });
	await picture(page, 'connections');
	expect(await accessibilityFaults(page)).toEqual([]);
});

test('a rejected key shows on the open page with its project, and its one button ends in an answered prompt', async () => {
	llm.setKeys([HOME_KEY, NEW_KEY]);
	await say('Are you there');
	const work = row('OpenAI, Work');
	await work.getByText('Key rejected').waitFor();
	await work.getByRole('link', { name: 'Bakery' }).waitFor();
	expect(await work.getByRole('button').evaluateAll((all) => all.map((each) => each.ariaLabel))).toEqual([
		'Used by 1 project: OpenAI, Work',
		'Replace key: OpenAI, Work',
		'More for OpenAI, Work',
	]);
	await picture(page, 'connection-rejected');
	expect(await accessibilityFaults(page)).toEqual([]);
	await work.getByRole('button', { name: 'Replace key' }).press('Enter');
	await page
		.getByRole('dialog')
		.getByLabel(/New API key/)
		.fill(NEW_KEY);
	await page.keyboard.press('Enter');
	await work.getByText('Connected', { exact: true }).waitFor();
	await untilPrompt(doce, projectId, 'succeeded');
	expect(keyOf('Are you there')).toBe(NEW_KEY);
});

test('each version of a credential has a receipt for each project', async () => {
	await choose('OpenAI, Work', 'Deliveries');
	const dialog = page.getByRole('dialog', { name: 'Deliveries: OpenAI, Work' });
	const newest = dialog.getByRole('region', { name: 'Version 2' });
	await newest.getByText('Delivered', { exact: true }).waitFor();
	await newest.getByRole('link', { name: 'Bakery' }).waitFor();
	await picture(page, 'connection-deliveries');
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'detached' });
});

test('out of credit has the way to top up, and a test that cures it', async () => {
	await say('{{status 402 - x1}} spend');
	const work = row('OpenAI, Work');
	await work.getByText('Out of credit', { exact: true }).waitFor();
	expect(await work.getByRole('link', { name: /Top up at OpenAI/ }).getAttribute('href')).toContain('billing');
	await work.getByRole('button', { name: 'Test again' }).press('Enter');
	await work.getByText('Connected', { exact: true }).waitFor();
	await untilPrompt(doce, projectId, 'succeeded');
});

test('a limit counts down to when the provider serves again', async () => {
	await say('{{status 429 3600 x1}} hurry');
	const work = row('OpenAI, Work');
	await work.getByText('Rate limited').waitFor();
	const countdown = work.getByText(/retry in \d+:\d\d/);
	const before = await countdown.textContent();
	await expect.poll(() => countdown.textContent()).not.toBe(before);
	expect(await work.getByRole('button', { name: 'Test again' }).getAttribute('aria-disabled')).toBe('true');
	await picture(page, 'connection-limited');
	expect(await accessibilityFaults(page)).toEqual([]);
	await choose('OpenAI, Work', 'Test');
	await work.getByText('Connected', { exact: true }).waitFor();
	await untilPrompt(doce, projectId, 'succeeded');
});

test('the model picker says which provider is in trouble, on a page that is open already', async () => {
	const { page: project } = await openPage(context);
	await visit(project, doce, `/projects/${projectId}`);
	llm.setKeys([KEY]);
	await doce.call('settings/testProviderConnection', { connectionId: workId });
	await project.getByRole('combobox', { name: /Model: .*Key rejected/ }).press('Enter');
	const options = project.getByRole('option');
	await options.filter({ hasText: 'Key rejected' }).first().waitFor();
	expect(await project.getByRole('group', { name: 'Groq' }).getByText('Key rejected').count()).toBe(0);
	await picture(project, 'model-picker');
	expect(await accessibilityFaults(project)).toEqual([]);
	llm.setKeys([KEY, HOME_KEY, NEW_KEY]);
	await row('OpenAI, Work').getByRole('button', { name: 'Replace key' }).waitFor();
	await choose('OpenAI, Work', 'Test');
	await project.getByRole('combobox', { name: 'Model: sonnet-1 OpenAI', exact: true }).waitFor();
	await project.close();
});

test('another account takes over from a dead one, by keyboard, without its key and without a restart', async () => {
	llm.setKeys([KEY, HOME_KEY]);
	await say('What waits');
	await row('OpenAI, Work').getByText('Key rejected').waitFor();
	await choose('OpenAI, Home', 'Use this account');
	await untilPrompt(doce, projectId, 'succeeded');
	expect(keyOf('What waits')).toBe(HOME_KEY);
	await row('OpenAI, Home').getByText('In use', { exact: true }).waitFor();
	await row('OpenAI, Work').getByText('Not in use').waitFor();
	await row('OpenAI, Home')
		.getByRole('button', { name: /Used by 1 project/ })
		.waitFor();
	const { startedAt } = await step('opencode.waitHealthy');
	await say('Who pays');
	await untilPrompt(doce, projectId, 'succeeded');
	expect(keyOf('Who pays')).toBe(HOME_KEY);
	expect((await step('opencode.waitHealthy')).startedAt).toBe(startedAt);
	llm.setKeys([KEY, HOME_KEY, NEW_KEY]);
	const { entries } = await doce.call('audit/list', {});
	expect(entries.map((entry: { action: string }) => entry.action)).toContain('connection.activated');
});

async function step(type: string) {
	const { steps } = await getProject(doce, projectId);
	return steps.find((each: { type: string }) => each.type === type);
}

test('the order is changed by keyboard, on every open page, and stays', async () => {
	const { page: second } = await openPage(context);
	await visit(second, doce, '/settings');
	expect(await order()).toEqual(['OpenAI, Work', 'OpenAI, Home', 'Groq']);
	await choose('Groq', 'Move up');
	await choose('Groq', 'Move up');
	const moved = ['Groq', 'OpenAI, Work', 'OpenAI, Home'];
	expect(await order()).toEqual(moved);
	await page.getByText('Groq is now number 1 of 3.').waitFor();
	await expect.poll(() => isFocused(page.getByRole('button', { name: 'More for Groq' }))).toBe(true);
	await expect.poll(() => order(second)).toEqual(moved);
	await second.close();
	await visit(page, doce, '/settings');
	expect(await order()).toEqual(moved);
	const preference = page.getByRole('list', { name: 'Order of preference' });
	expect(await preference.getByRole('listitem').first().textContent()).toContain('Groq');
});

test('what happens when a provider fails is chosen by keyboard, for all projects and for one', async () => {
	await page.getByRole('radio', { name: /Go on with the next provider/ }).focus();
	await page.keyboard.press('ArrowDown');
	await until(async () => (await doce.call('settings/getFallback')).mode === 'ask');
	await page.getByRole('switch', { name: /Return when the first works again/ }).press('Space');
	await until(async () => (await doce.call('settings/getFallback')).returns === false);
	await visit(page, doce, '/settings');
	expect(await page.getByRole('radio', { name: /Ask me first/ }).isChecked()).toBe(true);

	await visit(page, doce, `/projects/${projectId}`);
	await page.getByRole('button', { name: 'More', exact: true }).press('Enter');
	await page.getByRole('group', { name: 'When the provider fails' }).waitFor();
	await picture(page, 'project-fallback');
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.getByRole('menuitemcheckbox', { name: 'As in Settings' }).press('Enter');
	await until(async () => (await getProject(doce, projectId)).fallback === null);
});

test('a disconnect ends when every project has shown that it has no key any more', async () => {
	await visit(page, doce, '/settings');
	await choose('OpenAI, Work', 'Disconnect');
	await page.getByRole('alertdialog').getByText('No project uses it').waitFor();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Disconnect' }).press('Enter');
	await page.getByText('No running project held it').waitFor();
	await page.keyboard.press('Escape');
	await row('OpenAI, Work').waitFor({ state: 'detached' });

	await choose('OpenAI, Home', 'Disconnect');
	await page
		.getByRole('alertdialog')
		.getByText(/It is removed from Bakery/)
		.waitFor();
	await picture(page, 'disconnect');
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.getByRole('alertdialog').getByRole('button', { name: 'Disconnect' }).press('Enter');
	await page.getByText('Removed from 1 of 1 projects').waitFor();
	await page.getByText(/Read back: OpenCode has no key/).waitFor();
	expect(await page.getByRole('link', { name: /Open its keys/ }).getAttribute('href')).toContain('openai.com');
	await picture(page, 'disconnected');
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.getByRole('button', { name: 'Close' }).first().press('Enter');
	expect(await order()).toEqual(['Groq']);
});

test('a phone shows all of it, in both themes', async () => {
	await llm.close();
	await doce.call('settings/testProviderConnection', {
		connectionId: (await doce.call('settings/getProviderConnections')).connections[0].id,
	});
	await row('Groq').getByText('Unreachable').waitFor();
	await page.setViewportSize({ width: 360, height: 740 });
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme });
		await row('Groq').getByRole('button', { name: 'Test again' }).waitFor();
		await picture(page, `connections-phone-${colorScheme}`);
		expect(await overflow(page)).toBe(0);
		expect(await accessibilityFaults(page)).toEqual([]);
	}
});

test('no page had an error or loaded what it may not', () => {
	expect(problems).toEqual([]);
});
