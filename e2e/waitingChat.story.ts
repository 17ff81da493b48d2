import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openBrowser, openPage, picture } from '../test/harness/browser.ts';
import { type Doce, startDoce } from '../test/harness/doce.ts';
import { accessibilityFaults, overflow, signIn, untilReady, visit } from '../test/harness/pages.ts';
import { connect, KEY, untilBuilt } from '../test/harness/project.ts';

let doce: Doce;
let own: FakeLlm;
let other: FakeLlm;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];
let projectId: string;
let ownId: string;

beforeAll(async () => {
	[own, other] = await Promise.all([startFakeLlm({ keys: [KEY] }), startFakeLlm({ keys: [KEY] })]);
	doce = await startDoce();
	ownId = (await connect(doce, 'own', `${own.url}/v1`, { custom: { name: 'Own provider' } })).id;
	await connect(doce, 'other', `${other.url}/v1`, { custom: { name: 'Other provider' } });
	({ projectId } = await doce.call('projects/create', { prompt: 'Begin', name: 'Bakery', providerId: 'own' }));
	await untilBuilt(doce, projectId);
	browser = await openBrowser();
	context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	({ page, problems } = await openPage(context));
	await signIn(page, doce);
});

afterAll(async () => {
	await browser?.close();
	await doce?.destroy();
	await Promise.all([own?.close(), other?.close()]);
});

async function say(text: string): Promise<void> {
	const composer = page.getByRole('textbox', { name: /message/i });
	await composer.fill(text);
	await composer.press('Enter');
}

test('a message whose provider fails says why, waits, and goes on by the button with another provider', async () => {
	await doce.call('projects/setFallback', { projectId, mode: 'ask' });
	own.setKeys([]);
	await visit(page, doce, `/projects/${projectId}`);
	await say('Please wait for me');
	const proceed = page.getByRole('button', { name: 'Continue with Other provider' });
	await proceed.waitFor({ timeout: 30_000 });
	await page.getByText(/Own provider rejected the key\. Replace the key, or continue with Other provider/).waitFor();
	expect(await page.getByRole('link', { name: 'Replace key' }).getAttribute('href')).toBe(
		`/settings#connection-${ownId}`,
	);
	await picture(page, 'waiting');
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.setViewportSize({ width: 360, height: 740 });
	await page.emulateMedia({ colorScheme: 'dark' });
	await proceed.waitFor();
	await picture(page, 'waiting-phone-dark');
	expect(await overflow(page)).toBe(0);
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.setViewportSize({ width: 1440, height: 900 });
	await page.emulateMedia({ colorScheme: 'light' });

	await proceed.focus();
	await page.keyboard.press('Enter');
	await page.getByText('Continued with Other provider').waitFor({ timeout: 30_000 });
	await page
		.getByText(/Done\. model=fake-1/)
		.nth(1)
		.waitFor({ timeout: 30_000 });
	await page.getByRole('button', { name: 'Return now' }).waitFor();
	await picture(page, 'standing-in');
	expect(await accessibilityFaults(page)).toEqual([]);
});

test('the project returns by its button, and a message that waits can be given up', async () => {
	await page.getByRole('button', { name: 'Return now' }).click();
	await page.getByRole('button', { name: 'Return now' }).waitFor({ state: 'detached' });
	await say('Not so important');
	await page.getByRole('button', { name: 'Continue with Other provider' }).waitFor({ timeout: 30_000 });
	await page.reload();
	await untilReady(page);
	await page.getByRole('button', { name: 'Give up' }).click();
	await page.getByText('Stopped.').waitFor();
	expect(own.requests.filter((call) => call.userText === 'Not so important')).toHaveLength(1);
});

test('automatic fallback says in the chat who answered instead', async () => {
	await doce.call('projects/setFallback', { projectId, mode: 'automatic' });
	await say('Whoever can');
	await page
		.getByText(/Own provider rejected the key\. Other provider .* answers instead/)
		.waitFor({ timeout: 30_000 });
	await page.getByText('Done. model=fake-1').nth(2).waitFor({ timeout: 30_000 });
	await picture(page, 'fallback');
	expect(problems.filter((problem) => !/status of 4\d\d|status of 503/.test(problem))).toEqual([]);
});
