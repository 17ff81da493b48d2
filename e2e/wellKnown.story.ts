import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentFor, type FakeOrganisation, startOrganisation } from '../src/server/auth/testing/fakeOrganisation.ts';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openBrowser, openPage } from '../test/harness/browser.ts';
import { type Doce, openPreview, startDoce, until } from '../test/harness/doce.ts';
import { faultsOf, signIn, visit } from '../test/harness/pages.ts';
import { untilBuilt } from '../test/harness/project.ts';

const TOKEN = 'corp-token-K7Qz9xW2mB4v';
const NEW_TOKEN = 'corp-token-new-0123456789';

let doce: Doce;
let llm: FakeLlm;
let moved: FakeLlm;
let corp: FakeOrganisation;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];

beforeAll(async () => {
	[llm, moved] = await Promise.all([startFakeLlm({ keys: [TOKEN] }), startFakeLlm({ keys: [NEW_TOKEN] })]);
	corp = await startOrganisation([]);
	const odd = { options: { baseURL: `${llm.url}/v1`, headers: { 'x-a': '{env:HOME}' } } };
	const { auth, config } = documentFor(`${llm.url}/v1`, {
		config: { plugin: ['corp-plugin'], mcp: { jira: {}, wiki: {} } },
	});
	corp.document = { auth, config: { ...config, provider: { ...config.provider, odd } } };
	doce = await startDoce();
	browser = await openBrowser();
	context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
	({ page, problems } = await openPage(context));
	await signIn(page, doce);
});

afterAll(async () => {
	await browser?.close();
	await doce?.destroy();
	await corp?.close();
	await Promise.all([llm?.close(), moved?.close()]);
});

/** Toasts have the same role, and a type. */
const dialog = () => page.locator('[role=dialog]:not([data-type])');

async function openMenu(item: string): Promise<void> {
	await page.getByRole('button', { name: /^More for Corp models/ }).click();
	await page.getByRole('menuitem', { name: item }).click();
	await dialog().waitFor();
}

test('by keyboard alone: an address shows what it would configure, and the token connects it', async () => {
	await visit(page, doce, '/settings');
	await page.getByRole('button', { name: 'Choose a provider' }).focus();
	await page.keyboard.press('Enter');
	await dialog().waitFor();
	await page.keyboard.type('zzz-none');
	await page.getByText('One address that says which providers to use').waitFor();
	expect(await faultsOf(page, 'ways')).toEqual([]);
	// The last of the list comes first when one goes up from the top.
	await page.keyboard.press('ArrowUp');
	await page.keyboard.press('Enter');
	await page.getByRole('dialog', { name: 'Organisation' }).waitFor();
	await page.keyboard.type(corp.url);
	await page.keyboard.press('Enter');
	await dialog().getByText('is a private address').waitFor();
	expect(await faultsOf(page, 'organisation-refused')).toEqual([]);
	await page.getByRole('switch').focus();
	await page.keyboard.press('Space');
	await page.getByLabel('Address of the organisation').focus();
	await page.keyboard.press('Enter');
	await dialog().getByText('Corp models').waitFor();
	await dialog().getByText('asks for the variable HOME').waitFor();
	await dialog().getByText('Plugins (corp-plugin) · MCP servers (jira, wiki)').waitFor();
	await dialog().getByText('corp-login --print').waitFor();
	expect(await faultsOf(page, 'organisation-preview')).toEqual([]);
	await page.keyboard.type('corp-wrong-0123456789');
	await page.keyboard.press('Enter');
	await dialog().getByText('Corp models rejected the key').waitFor();
	expect(await faultsOf(page, 'organisation-rejected')).toEqual([]);
	await dialog().getByLabel('Token', { exact: true }).focus();
	await page.keyboard.press('ControlOrMeta+A');
	await page.keyboard.type(TOKEN);
	await page.keyboard.press('Enter');
	await dialog().waitFor({ state: 'detached' });
	await page.getByText(`Configured by ${new URL(corp.url).host}`).waitFor();
	expect(await faultsOf(page, 'organisation-connected')).toEqual([]);
	expect(await page.content()).not.toContain(TOKEN);
});

test('reading again says that nothing changed, and asks for the token when it would go elsewhere', async () => {
	await openMenu('Read configuration again');
	await dialog().getByText('configures Corp models as before').waitFor();
	await page.keyboard.press('Escape');
	await dialog().waitFor({ state: 'detached' });
	corp.document = documentFor(`${moved.url}/v1`);
	await openMenu('Read configuration again');
	await dialog().getByText(moved.url).waitFor();
	expect(await faultsOf(page, 'organisation-moved')).toEqual([]);
	expect(moved.requests).toEqual([]);
	await page.getByLabel('Token', { exact: true }).fill(NEW_TOKEN);
	await page.keyboard.press('Enter');
	await dialog().waitFor({ state: 'detached' });
	await page.getByText(new URL(moved.url).host).first().waitFor();
});

test('with the organisation’s server down a project is built with the token, and a new reading says what is wrong', async () => {
	await corp.close();
	await openMenu('Read configuration again');
	await dialog()
		.getByText(/connection refused.*The stored configuration stays in use/)
		.waitFor();
	expect(await faultsOf(page, 'organisation-down')).toEqual([]);
	await page.keyboard.press('Escape');
	const prompt = '{{write src/pages/index.astro <h1>Built by the organisation</h1>}}';
	const { projectId } = await doce.call('projects/create', { prompt, name: 'Corp', providerId: 'corp' });
	const project = await untilBuilt(doce, projectId);
	await until(async () => (await openPreview(project.previewUrl)).body.includes('Built by the organisation'));
	const calls = moved.requests.filter((call) => call.userText === prompt);
	expect(calls.length).toBeGreaterThan(0);
	expect(calls.every((call) => call.key === NEW_TOKEN && call.model === 'fake-1')).toBe(true);
	await doce.call('projects/stop', { projectId });
});

test('a script is told the same by the verbs', async () => {
	const refused = await doce.request('settings/readWellKnown', { url: 'http://169.254.169.254', local: true });
	expect(refused.status).toBe(400);
	expect(await refused.text()).toContain('never calls');
	const { connections } = await doce.call('settings/getProviderConnections');
	expect(connections[0]).toMatchObject({ authType: 'wellknown', wellKnown: { url: corp.url }, lastFour: '6789' });
	expect(JSON.stringify(connections)).not.toContain(NEW_TOKEN);
});

test('no page had an error or loaded what it may not', () => {
	// The refusals that the story asked for are answers with an error status, which the browser reports.
	expect(problems.filter((problem) => !/status of 4\d\d|status of 503/.test(problem))).toEqual([]);
});
