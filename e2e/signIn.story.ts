import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type FakeOAuth, startFakeOAuth, writePlugin } from '../test/fakes/oauth/fakeOAuth.ts';
import { openBrowser, openPage, picture } from '../test/harness/browser.ts';
import { type Doce, startDoce, until } from '../test/harness/doce.ts';
import { accessibilityFaults, overflow, signIn, visit } from '../test/harness/pages.ts';
import { untilBuilt, untilPrompt } from '../test/harness/project.ts';
import { encodings, findInFiles } from '../test/harness/sweep.ts';

const NAME = 'Loopback Cloud';
const ID = 'fakeoauth';

let llm: FakeLlm;
let oauth: FakeOAuth;
let doce: Doce;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];
let dir: string;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [] });
	oauth = await startFakeOAuth({ onKeys: (keys) => llm.setKeys(keys) });
	dir = mkdtempSync(join(tmpdir(), 'doce-plugin-'));
	const described = { providerId: ID, name: NAME, issuer: oauth.url, api: `${llm.url}/v1`, models: ['fake-1'] };
	doce = await startDoce({ signIn: { providerId: ID, url: oauth.url, plugin: writePlugin(dir, described) } });
	browser = await openBrowser();
	context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
	({ page, problems } = await openPage(context));
	await signIn(page, doce);
});

afterAll(async () => {
	await browser?.close();
	await doce?.destroy();
	await oauth?.close();
	await llm?.close();
	if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
});

const dialog = () => page.getByRole('dialog');
const userCode = async () => (await dialog().locator('code').textContent())?.trim() ?? '';
const connections = async () => (await doce.call('settings/getProviderConnections')).connections;

/** Opens the choice of ways to connect the provider, by keyboard alone. */
async function choose(): Promise<void> {
	await visit(page, doce, '/settings');
	await page
		.getByRole('button', { name: /choose a provider|add provider/i })
		.first()
		.focus();
	await page.keyboard.press('Enter');
	await dialog().waitFor();
	await page.keyboard.type(NAME);
	await dialog()
		.getByRole('option', { name: new RegExp(NAME) })
		.waitFor();
	await page.keyboard.press('Enter');
	await dialog()
		.getByRole('list', { name: `Ways to connect ${NAME}` })
		.waitFor();
}

test('a device sign-in by keyboard alone: cancelled, declined, then connected with the account’s name', async () => {
	await choose();
	const ways = dialog().getByRole('list').getByRole('button');
	expect(await ways.allInnerTexts()).toEqual([
		expect.stringContaining('(device)'),
		expect.stringContaining('(code)'),
		expect.stringContaining('(browser)'),
		expect.stringContaining('API key'),
	]);
	await picture(page, 'sign-in-ways');
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.keyboard.press('Enter');
	await dialog()
		.getByRole('button', { name: `Sign in with ${NAME}` })
		.waitFor();
	await picture(page, 'sign-in-begin');
	await page.keyboard.press('Enter');

	await dialog().getByText('Waiting for authorization…').waitFor();
	expect(
		await dialog()
			.getByRole('link', { name: `Open ${NAME}’s page` })
			.getAttribute('href'),
	).toBe(`${oauth.url}/activate`);
	expect(await dialog().getByRole('timer').textContent()).toMatch(/^\d+:\d\d left$/);
	expect(await userCode()).toMatch(/^[0-9A-F]{4}-[0-9A-F]{4}$/);
	await picture(page, 'sign-in-device');
	await page.emulateMedia({ colorScheme: 'dark' });
	await picture(page, 'sign-in-device-dark');
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.emulateMedia({ colorScheme: 'light' });
	expect(await accessibilityFaults(page)).toEqual([]);
	await pressOn('Cancel');
	await dialog().getByText('The sign-in was cancelled').waitFor();
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.keyboard.press('Enter');

	await pressOn(`Sign in with ${NAME}`);
	await dialog().getByText('Waiting for authorization…').waitFor();
	oauth.deny(await userCode());
	await dialog().getByText('The sign-in did not work').waitFor();
	await dialog().getByText('it was declined there, or failed').waitFor();
	await picture(page, 'sign-in-failed');
	await page.keyboard.press('Enter');

	await pressOn(`Sign in with ${NAME}`);
	await dialog().getByText('Waiting for authorization…').waitFor();
	oauth.approve(await userCode(), 'ada@example.com');
	await dialog().getByText('Signed in as ada@example.com.').waitFor();
	await picture(page, 'sign-in-connected');
	await page.keyboard.press('Enter');
	await page.getByRole('listitem', { name: `${NAME}, ada@example.com` }).waitFor();
	expect(await connections()).toMatchObject([
		{ providerId: ID, authType: 'oauth', account: 'ada@example.com', status: 'connected' },
	]);
	await picture(page, 'sign-in-row');
	expect(await accessibilityFaults(page)).toEqual([]);
});

test('the account builds a site, and goes on past the end of its token, also when the server is killed in between', async () => {
	const { projectId } = await doce.call('projects/create', {
		prompt: '{{write src/pages/index.astro <h1>Built by a sign-in</h1>}}',
		providerId: ID,
	});
	await untilBuilt(doce, projectId);
	const [first] = llm.requests.filter(({ kind }) => kind === 'generate').map(({ key }) => key);

	const held = oauth.hold();
	const [connection] = await connections();
	const testing = doce.call('settings/testProviderConnection', { connectionId: connection.id }).catch(() => undefined);
	await until(() => held.asked() === 1);
	await doce.kill();
	await testing;
	await doce.restart();
	held.release();
	await until(() => oauth.refreshes() === 1);
	await until(async () => {
		await doce.call('chat/send', { projectId, text: '{{write src/pages/index.astro <h1>After the kill</h1>}}' });
		await untilPrompt(doce, projectId, 'succeeded');
		return llm.requests.at(-1)?.key !== first;
	});
	expect(oauth.requests.filter(({ grant }) => grant === 'refresh_token')).toEqual([
		{ grant: 'refresh_token', ok: true, reused: false },
	]);
	expect(llm.requests.filter(({ kind, status }) => kind === 'generate' && status !== 200)).toEqual([]);
	expect((await connections())[0]).toMatchObject({ status: 'connected', reason: null });
});

test('on a phone a code is brought back by hand, after a wrong one', async () => {
	await page.setViewportSize({ width: 360, height: 740 });
	await choose();
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await dialog().getByRole('combobox').click();
	await page.getByRole('option', { name: 'Team' }).click();
	await dialog().getByLabel('Team name').fill('ACME');
	await picture(page, 'sign-in-questions-phone');
	await pressOn(`Sign in with ${NAME}`);
	await dialog().getByText('A team name has lower-case letters only.').waitFor();
	await dialog().getByLabel('Team name').fill('acme');
	await pressOn(`Sign in with ${NAME}`);
	const field = dialog().getByLabel('Code');
	await field.waitFor();
	await field.fill('not the code');
	await page.keyboard.press('Enter');
	await dialog().getByText('did not accept this code').waitFor();
	expect(await accessibilityFaults(page)).toEqual([]);
	expect(await overflow(page)).toBe(0);
	await picture(page, 'sign-in-code-phone');
	const link = (await dialog().getByRole('link').getAttribute('href')) ?? '';
	await field.fill(oauth.codeFor(link, 'bob@example.com'));
	await page.keyboard.press('Enter');
	await dialog().getByText('Signed in as bob@example.com.').waitFor();
	await picture(page, 'sign-in-connected-phone');
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.keyboard.press('Enter');
	await dialog().waitFor({ state: 'detached' });
	await page.setViewportSize({ width: 1440, height: 900 });
});

test('the page that does not load is finished by its address', async () => {
	await choose();
	await page.keyboard.press('Tab');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await pressOn(`Sign in with ${NAME}`);
	const field = dialog().getByLabel(/Address of the page/);
	await field.waitFor();
	await picture(page, 'sign-in-browser');
	await field.fill('http://169.254.169.254/latest/meta-data/');
	await page.keyboard.press('Enter');
	await dialog()
		.getByText(/It begins with http:\/\/127\.0\.0\.1/)
		.first()
		.waitFor();
	const link = (await dialog().getByRole('link').getAttribute('href')) ?? '';
	const answer = await fetch(link, { redirect: 'manual' });
	await field.fill(answer.headers.get('location') ?? '');
	await page.keyboard.press('Enter');
	await dialog().getByText(`${NAME} is connected`).waitFor();
	await page.keyboard.press('Enter');
});

test('a sign-in that the provider ended says so, and is cured by signing in again', async () => {
	oauth.revoke();
	const row = page.getByRole('listitem', { name: `${NAME}, bob@example.com` });
	await row.getByRole('button', { name: /^Test/ }).click();
	await row.getByText('Sign-in expired').waitFor();
	await picture(page, 'sign-in-expired');
	await row.getByRole('button', { name: 'Sign in again' }).first().click();
	await dialog()
		.getByRole('button', { name: /\(device\)/ })
		.click();
	await pressOn(`Sign in with ${NAME}`);
	await dialog().getByText('Waiting for authorization…').waitFor();
	oauth.approve(await userCode(), 'bob@example.com');
	await dialog().getByText('Signed in as bob@example.com.').waitFor();
	await page.keyboard.press('Enter');
	await row.getByText('Connected', { exact: true }).waitFor();
	expect(await connections()).toHaveLength(2);
});

test('no token is anywhere but sealed and in the project that uses it, and no page had an error', async () => {
	const [file = ''] = findInFiles(join(doce.dataDir, 'projects'), ['"access"']);
	const stored = JSON.parse(readFileSync(file, 'utf8'))[ID];
	expect(stored).toMatchObject({ type: 'oauth', refresh: '' });
	expect(findInFiles(doce.dataDir, encodings(stored.access))).toEqual([file]);
	expect(doce.output()).not.toContain('eyJ');
	expect(
		problems.filter((problem) => !/status of 4\d\d|status of 503|ERR_CONNECTION|ERR_INCOMPLETE/.test(problem)),
	).toEqual([]);
});

/** Moves the focus to a button of the dialog and presses it, without a mouse. */
async function pressOn(name: string): Promise<void> {
	const button = dialog().getByRole('button', { name });
	await button.waitFor();
	await button.focus();
	await page.keyboard.press('Enter');
}
