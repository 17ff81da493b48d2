import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openBrowser, openPage, picture } from '../test/harness/browser.ts';
import { type Doce, startDoce } from '../test/harness/doce.ts';
import { accessibilityFaults, overflow, signIn, visit } from '../test/harness/pages.ts';
import { connect, KEY } from '../test/harness/project.ts';

let llm: FakeLlm;
let browser: Browser;

beforeAll(async () => {
	[llm, browser] = await Promise.all([startFakeLlm({ keys: [KEY] }), openBrowser()]);
});

afterAll(async () => {
	await browser?.close();
	await llm?.close();
});

async function openSettings(doce: Doce): Promise<{ page: Page; problems: string[] }> {
	const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, reducedMotion: 'reduce' });
	const opened = await openPage(context);
	await signIn(opened.page, doce);
	await visit(opened.page, doce, '/settings');
	return opened;
}

const section = (page: Page) => page.getByRole('region', { name: 'Isolation', exact: true });
const providers = (page: Page) => page.getByRole('region', { name: 'Connected providers' });
const hostList = (page: Page) => section(page).getByRole('list', { name: 'Hosts for packages' });
const hosts = (page: Page) =>
	hostList(page)
		.getByRole('button', { name: /^Remove / })
		.evaluateAll((buttons) => buttons.map((button) => button.ariaLabel?.replace('Remove ', '')));

/** Looks at a part of the page at both widths, in light and dark. */
async function isFine(page: Page, part: Locator, name: string): Promise<void> {
	for (const [width, height] of [
		[1440, 1000],
		[360, 740],
	] as const) {
		for (const colorScheme of ['light', 'dark'] as const) {
			await page.setViewportSize({ width, height });
			await page.emulateMedia({ colorScheme });
			await part.evaluate((element) => element.scrollIntoView({ block: 'start' }));
			await picture(page, `${name}-${width}-${colorScheme}`);
			expect(await overflow(page)).toBe(0);
			expect(await accessibilityFaults(page)).toEqual([]);
		}
	}
	await page.setViewportSize({ width: 1440, height: 1000 });
	await page.emulateMedia({ colorScheme: 'light' });
}

describe('where projects are fenced in', () => {
	let doce: Doce;
	let page: Page;
	let problems: string[];

	beforeAll(async () => {
		doce = await startDoce({ env: { npm_config_registry: 'https://npm.doce.invalid:8443/' } });
		await connect(doce, 'mine', `${llm.url}/v1`, { custom: { name: 'Own provider' } });
		({ page, problems } = await openSettings(doce));
	});

	afterAll(() => doce?.destroy());

	test('the section says how well and why, and a row that its key stays outside', async () => {
		const { isolation } = await doce.call('settings/getProviderConnections');
		expect(isolation.level).toBe('isolated');
		await section(page).getByText('Isolated', { exact: true }).waitFor();
		await section(page).getByText(isolation.reason).waitFor();
		await providers(page).getByText('Key stays outside projects').waitFor();
		expect(await providers(page).getByRole('note').count()).toBe(0);
	});

	test('an admin adds a host, and it is there after a reload', async () => {
		const field = section(page).getByLabel('Add a host');
		await hostList(page).getByText('npm.doce.invalid:8443').waitFor();
		expect(await hosts(page)).toEqual(['registry.npmjs.org']);
		await field.fill('NPM.example.com:443');
		await field.press('Enter');
		await hostList(page).getByText('npm.example.com', { exact: true }).waitFor();
		expect(await field.inputValue()).toBe('');
		await isFine(page, section(page), 'isolation');
		await visit(page, doce, '/settings');
		expect(await hosts(page)).toEqual(['registry.npmjs.org', 'npm.example.com']);
	});

	test('what is no public host, or there already, is said beside the field, which keeps it', async () => {
		const field = section(page).getByLabel('Add a host');
		await field.fill('https://10.0.0.1/npm');
		await field.press('Enter');
		await section(page).getByText('"https://10.0.0.1/npm" is not the name of a public host.').waitFor();
		expect(await field.getAttribute('aria-invalid')).toBe('true');
		expect(await field.inputValue()).toBe('https://10.0.0.1/npm');
		await isFine(page, hostList(page), 'isolation-refused');
		await field.fill('registry.npmjs.org');
		await section(page).getByRole('button', { name: 'Add', exact: true }).click();
		await section(page).getByText('registry.npmjs.org is on the list already.').waitFor();
		expect(await hosts(page)).toEqual(['registry.npmjs.org', 'npm.example.com']);
		// The browser reports the refused call by itself; nothing else went wrong.
		expect(problems.filter((problem) => !problem.includes('400'))).toEqual([]);
	});

	test('a change on an old page leaves off what another admin has taken off meanwhile', async () => {
		await doce.call('settings/setPackageHosts', { hosts: ['other.example.com'] });
		await section(page).getByRole('button', { name: 'Remove npm.example.com' }).click();
		await hostList(page).getByText('other.example.com').waitFor();
		expect(await hosts(page)).toEqual(['other.example.com']);
	});

	test('the last host is removed, and the default comes back by one button', async () => {
		await section(page).getByRole('button', { name: 'Remove other.example.com' }).press('Enter');
		await hostList(page).getByText('No other hosts').waitFor();
		await section(page).getByRole('button', { name: 'Reset to registry.npmjs.org' }).press('Enter');
		await hostList(page).getByText('registry.npmjs.org').waitFor();
		expect((await doce.call('settings/getPackageHosts')).hosts).toEqual(['registry.npmjs.org']);
		expect(
			await section(page)
				.getByRole('button', { name: /^Reset/ })
				.count(),
		).toBe(0);
	});

	test('who is no admin sees how well, and no list', async () => {
		const database = new DatabaseSync(join(doce.dataDir, 'doce.sqlite'), { timeout: 5_000 });
		database.exec("update users set role = 'member'");
		database.close();
		await visit(page, doce, '/settings');
		await section(page).getByText('Isolated', { exact: true }).waitFor();
		expect(await hostList(page).count()).toBe(0);
		expect((await doce.request('settings/getPackageHosts', {})).status).toBe(403);
	});
});

describe('where nothing keeps projects in', () => {
	let doce: Doce;
	let page: Page;

	beforeAll(async () => {
		doce = await startDoce({ env: { DOCE_FENCE: 'off' } });
		await connect(doce, 'mine', `${llm.url}/v1`, { custom: { name: 'Own provider' } });
		({ page } = await openSettings(doce));
	});

	afterAll(() => doce?.destroy());

	test('a notice above the providers says so, and no row claims more than holds', async () => {
		const notice = providers(page).getByRole('note', { name: 'Not isolated on this machine' });
		await notice.getByText('The fence is switched off by DOCE_FENCE=off. An agent could read').waitFor();
		const rows = await providers(page).getByRole('list', { name: 'Connected providers' }).textContent();
		expect(rows).toContain('Key is not copied into projects');
		expect(rows).not.toMatch(/outside/);
		await isFine(page, providers(page), 'isolation-not');
	});

	test('the section says that nothing holds projects to the list', async () => {
		await section(page).getByText('Not isolated on this machine').waitFor();
		await section(page).getByText('Nothing holds projects to this list here').waitFor();
		await isFine(page, section(page), 'isolation-not-section');
	});

	test('the dialog of a connection says what its token is worth here', async () => {
		await page.getByRole('button', { name: 'Edit Own provider' }).click();
		const choices = page.getByRole('dialog').getByRole('radiogroup', { name: 'Where the key is' });
		await choices.getByRole('radio', { name: /^Key is not copied into projects.*could find the key here/ }).waitFor();
		expect(await choices.textContent()).not.toMatch(/outside|worth nothing/);
		await isFine(page, choices, 'isolation-not-dialog');
		await page.keyboard.press('Escape');
	});

	test('the menu of a project speaks of copies alone', async () => {
		const { projectId } = await doce.call('projects/create', { prompt: 'Hello', name: 'Open', providerId: 'mine' });
		await visit(page, doce, `/projects/${projectId}`);
		await page.getByRole('button', { name: 'Not isolated on this machine' }).waitFor();
		await page.getByRole('button', { name: 'More', exact: true }).click();
		await page.getByRole('menuitemcheckbox', { name: 'Are not copied, or do not serve' }).waitFor();
		expect(await page.getByRole('menu').textContent()).not.toMatch(/outside/i);
	});
});
