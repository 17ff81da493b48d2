import { readFileSync } from 'node:fs';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openBrowser, openPage, picture } from '../test/harness/browser.ts';
import { type Doce, startDoce } from '../test/harness/doce.ts';
import { connect, KEY, untilBuilt } from '../test/harness/project.ts';

let doce: Doce;
let llm: FakeLlm;
let browser: Browser;
let page: Page;
let problems: string[];
let projectId: string;
let mineId: string;
let spareId: string;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	doce = await startDoce();
	mineId = (await connect(doce, 'mine', `${llm.url}/v1`, { label: '=Work' })).id;
	spareId = (await connect(doce, 'spare', `${llm.url}/v1`, { label: 'Old' })).id;
	await doce.call('settings/testProviderConnection', { connectionId: spareId });
	({ projectId } = await doce.call('projects/create', {
		prompt: '{{write src/pages/index.astro <p>hello</p>}}',
		name: '=Bakery',
		providerId: 'mine',
		modelId: 'fake-1',
	}));
	await untilBuilt(doce, projectId);
	await doce.call('settings/disconnectProvider', { connectionId: spareId });
	browser = await openBrowser();
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	({ page, problems } = await openPage(context));
	await visit('/signin');
	await page.getByLabel('Username').fill('admin');
	await page.getByLabel('Password', { exact: true }).fill('correct horse');
	await page.keyboard.press('Enter');
	await page.waitForURL(`${doce.url}/`);
});

afterAll(async () => {
	await browser?.close();
	await doce?.destroy();
	await llm?.close();
});

async function visit(path: string): Promise<void> {
	await page.goto(doce.url + path);
	await untilReady();
}

async function untilReady(): Promise<void> {
	await page.waitForFunction(() => document.querySelector('astro-island[ssr]') === null);
}

async function accessibilityFaults(): Promise<string[]> {
	await page.evaluate(axe.source);
	const found = await page.evaluate(() =>
		(window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'], iframes: false }),
	);
	return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`));
}

/** The sentences that are shown, with what stands below each. */
async function shown(): Promise<string[]> {
	const rows = await page.getByRole('list', { name: 'Entries' }).locator('> li').allInnerTexts();
	return rows.map((row) => row.split('\n').slice(0, 2).join(': '));
}

test('every step of a connection is there in plain words, also of one that is gone', async () => {
	await visit('/');
	await page.getByRole('link', { name: 'Audit', exact: true }).click();
	await page.waitForURL('**/audit');
	await untilReady();
	expect(await shown()).toEqual([
		'Disconnected: spare · Old · by API token test',
		'Used for a prompt: mine · =Work · =Bakery · by doce',
		'Credential delivered to a project: mine · =Work · =Bakery · by doce',
		'Tested: it works: spare · Old · by API token test',
		'Connected: spare · Old · by API token test',
		'Connected: mine · =Work · by API token test',
	]);
	await picture(page, 'audit');
	expect(await accessibilityFaults()).toEqual([]);
});

test('by keyboard, an entry opens to all that is written down of it', async () => {
	await page.getByRole('list', { name: 'Entries' }).locator('summary').nth(2).focus();
	await page.keyboard.press('Enter');
	const details = page.getByRole('list', { name: 'Entries' }).locator('details[open]');
	await details.getByText('credential.delivered').waitFor();
	await details.getByText(projectId).waitFor();
	await details.getByRole('link', { name: 'Open =Bakery' }).waitFor();
	await picture(page, 'audit-open');
	expect(await accessibilityFaults()).toEqual([]);
});

test('filters narrow the list, stay in the address, and are taken off again', async () => {
	await page.getByRole('combobox', { name: 'What' }).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('option', { name: 'Tests and status' }).waitFor();
	await page.keyboard.type('Tests');
	await page.keyboard.press('Enter');
	await expect.poll(shown).toEqual(['Tested: it works: spare · Old · by API token test']);
	await page.getByRole('combobox', { name: /^Connection/ }).click();
	await page.getByRole('option', { name: 'mine · =Work' }).click();
	await page.getByText('Nothing matches these filters').waitFor();
	expect(new URL(page.url()).search).toBe(`?connection=${mineId}&kind=test`);
	await picture(page, 'audit-empty');
	expect(await accessibilityFaults()).toEqual([]);
	await page.reload();
	await untilReady();
	await page.getByText('Nothing matches these filters').waitFor();
	await page.getByRole('button', { name: 'Clear the filters' }).click();
	await expect.poll(async () => (await shown()).length).toBe(6);
	await page.getByLabel('Until').fill('2020-01-01');
	await page.getByText('Nothing matches these filters').waitFor();
	await page.getByLabel('Until').fill('');
	await expect.poll(async () => (await shown()).length).toBe(6);
});

test('a connection’s row and a project’s page lead to their own entries', async () => {
	await visit('/settings');
	await page.getByRole('button', { name: 'More for mine, =Work' }).click();
	await page.getByRole('menuitem', { name: 'Activity' }).click();
	await page.waitForURL(`**/audit?connection=${mineId}`);
	await untilReady();
	expect((await shown()).every((row) => row.includes('mine · =Work'))).toBe(true);
	await visit(`/projects/${projectId}`);
	await page.getByRole('button', { name: 'More', exact: true }).click();
	await page.getByRole('menuitem', { name: 'Audit trail' }).click();
	await page.waitForURL(`**/audit?project=${projectId}`);
	await untilReady();
	expect(await shown()).toEqual([
		'Used for a prompt: mine · =Work · =Bakery · by doce',
		'Credential delivered to a project: mine · =Work · =Bakery · by doce',
	]);
});

test('what happens while the page is open appears on it', async () => {
	await visit('/audit');
	await doce.call('settings/updateProviderConnection', { connectionId: mineId, label: '=Home' });
	await expect.poll(async () => (await shown())[0]).toBe('Renamed: mine · =Home · by API token test');
	await doce.call('settings/updateProviderConnection', { connectionId: mineId, label: '=Work' });
});

test('all of it leaves as a file, as CSV without formulas and as JSON, filtered as on the page', async () => {
	await visit('/audit');
	const download = async (name: string) => {
		await page.getByRole('button', { name: 'Export' }).click();
		const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name }).click()]);
		return { name: file.suggestedFilename(), text: readFileSync((await file.path()) ?? '', 'utf8') };
	};
	const csv = await download('As CSV, for a spreadsheet');
	expect(csv.name).toMatch(/^doce-audit-\d{4}-\d\d-\d\d\.csv$/);
	expect(csv.text.startsWith('\uFEFF"at",')).toBe(true);
	expect(csv.text.trimEnd().split('\r\n')).toHaveLength(1 + 8);
	expect(csv.text).not.toMatch(/(^|,)"[=+@-]/m);
	expect(csv.text).toContain(`,"'=Bakery",`);
	await visit(`/audit?connection=${spareId}`);
	const json = await download('As JSON');
	const actions = (JSON.parse(json.text) as { action: string }[]).map(({ action }) => action);
	expect(actions).toEqual(['connection.disconnected', 'connection.tested', 'connection.connected']);
	expect(csv.text + json.text).not.toContain(KEY);

	const { content, fileName } = await doce.call('audit/export', { format: 'json', connectionId: spareId });
	expect(JSON.parse(content)).toEqual(JSON.parse(json.text));
	expect(fileName).toBe(json.name);
	expect((await fetch(`${doce.url}/api/audit.csv`)).status).toBe(401);
});

test('scripts read the same trail', async () => {
	const { entries } = await doce.call('audit/list', { projectId });
	expect(entries).toMatchObject([
		{ actor: 'doce', action: 'credential.used', detail: { outcome: 'answered' } },
		{ actor: 'doce', action: 'credential.delivered', connectionId: mineId, projectId, detail: { providerId: 'mine' } },
	]);
	expect(Date.parse(entries[0].at)).toBeGreaterThan(0);
	expect((await doce.call('audit/list', { kind: 'disconnect', all: true })).entries).toHaveLength(1);
	expect((await doce.request('audit/list', { from: 'yesterday' })).status).toBe(400);
});

test('on a phone and in the dark nothing is cut off', async () => {
	await page.setViewportSize({ width: 360, height: 740 });
	await page.emulateMedia({ colorScheme: 'dark' });
	await visit('/audit');
	await picture(page, 'audit-phone-dark');
	expect(await accessibilityFaults()).toEqual([]);
	const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
	expect(overflow).toBeLessThanOrEqual(0);
});

test('no page had an error or loaded what it may not', () => {
	expect(problems.filter((problem) => !/status of 4\d\d/.test(problem))).toEqual([]);
});
