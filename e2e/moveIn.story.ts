import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openBrowser, openPage, picture } from '../test/harness/browser.ts';
import { plantCatalog } from '../test/harness/catalog.ts';
import { type Doce, descendants, startDoce } from '../test/harness/doce.ts';
import { untilBuilt } from '../test/harness/project.ts';
import { encodings, findInFiles, findInProcesses } from '../test/harness/sweep.ts';

const FILE_KEY = 'sk-acme-file-1234567890file';
const ENV_KEY = 'sk-beta-envi-1234567890envi';
const UNUSED_KEY = 'sk-none-left-1234567890left';
const BUSY_KEY = 'sk-busy-wait-1234567890wait';

let dataDir: string;
let doce: Doce;
let llm: FakeLlm;
let busy: Server;
let browser: Browser;
let page: Page;
let problems: string[];
let unplant: () => void;

beforeAll(async () => {
	dataDir = mkdtempSync(join(tmpdir(), 'doce-'));
	llm = await startFakeLlm({ keys: [FILE_KEY, ENV_KEY] });
	busy = createServer((_, response) => response.writeHead(429).end('{"error":"slow down"}')).listen(0, '127.0.0.1');
	await once(busy, 'listening');
	const busyUrl = `http://127.0.0.1:${(busy.address() as AddressInfo).port}/v1`;
	unplant = plantCatalog(dataDir, [
		{ id: 'acme', name: 'Acme', api: `${llm.url}/v1`, env: ['ACME_API_KEY'] },
		{ id: 'beta', name: 'Beta', api: `${llm.url}/v1`, env: ['BETA_API_KEY'] },
		{ id: 'busy', name: 'Busy', api: busyUrl, env: ['BUSY_API_KEY'] },
	]);
	const authFile = join(dataDir, 'home/opencode/auth.json');
	mkdirSync(dirname(authFile), { recursive: true });
	writeFileSync(authFile, '{}');
	doce = await startDoce({
		dataDir,
		env: { BETA_API_KEY: ENV_KEY, OTHER_API_KEY: UNUSED_KEY, XDG_DATA_HOME: join(dataDir, 'home') },
	});
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
	await doce?.stop();
	unplant?.();
	await doce?.destroy();
	await llm?.close();
	busy?.close();
});

async function visit(path: string): Promise<void> {
	await page.goto(doce.url + path);
	await page.waitForFunction(() => document.querySelector('astro-island[ssr]') === null);
}

async function accessibilityFaults(): Promise<string[]> {
	await page.evaluate(axe.source);
	const found = await page.evaluate(() =>
		(window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'], iframes: false }),
	);
	return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`));
}

/** Presses Tab until the focus is on what has this name. */
async function tabTo(name: RegExp): Promise<void> {
	for (let presses = 0; presses < 40; presses++) {
		await page.keyboard.press('Tab');
		const focused = await page.evaluate(() => {
			const element = document.activeElement as HTMLElement | null;
			const label = (element as HTMLInputElement | null)?.labels?.[0]?.textContent;
			return `${element?.getAttribute('aria-label') ?? ''} ${label ?? ''} ${element?.textContent ?? ''}`;
		});
		if (name.test(focused)) return;
	}
	throw new Error(`Tab does not reach ${name}`);
}

const dialog = () => page.getByRole('dialog');

test('by keyboard alone, pasted lines become a table, are tested, and come in one by one', async () => {
	await visit('/settings');
	await tabTo(/Move in/);
	await page.keyboard.press('Enter');
	await dialog().getByRole('textbox', { name: 'Keys' }).waitFor();
	const text = [
		'# my keys',
		`export ACME_API_KEY="${FILE_KEY}"`,
		`BUSY_API_KEY=${BUSY_KEY}`,
		'BETA_API_KEY=your-key-here',
		'WEATHER_API_KEY=0123456789abcdef',
		'{"openai":{"type":"oauth","refresh":"r","access":"a","expires":1}}',
		'PORT=3000',
	];
	await page.keyboard.insertText(text.join('\n'));
	expect(await accessibilityFaults()).toEqual([]);
	await picture(page, 'move-in-paste');
	await tabTo(/Show what is in it/);
	await page.keyboard.press('Enter');
	const found = dialog().getByRole('list', { name: 'Keys found' });
	await found.waitFor();
	const rows = await found.getByRole('listitem').allInnerTexts();
	expect(rows.map((row) => row.replace(/\s+/g, ' '))).toEqual([
		expect.stringMatching(/Acme .*ACME_API_KEY · API key ···file New/),
		expect.stringMatching(/Busy .*BUSY_API_KEY · API key ···wait New/),
		expect.stringMatching(/Beta .*Unreadable That looks like a placeholder/),
		expect.stringMatching(/WEATHER_API_KEY .*Cannot move No provider/),
		expect.stringMatching(/openai · Sign-in Cannot move Sign in again here/),
	]);
	await dialog().getByText('1 other line').waitFor();
	expect(await accessibilityFaults()).toEqual([]);
	await picture(page, 'move-in-choose');

	await tabTo(/Test and import 2 keys/);
	await page.keyboard.press('Enter');
	await dialog().getByText('1 of 2 are connected.').waitFor();
	await dialog().getByText('Busy limits requests right now').waitFor();
	await dialog().getByText(join(dataDir, 'home/opencode/auth.json')).waitFor();
	expect(await accessibilityFaults()).toEqual([]);
	await picture(page, 'move-in-done');
	await tabTo(/Import 1 key without testing/);
	await page.keyboard.press('Enter');
	await dialog().getByText('All 2 are connected.').waitFor();
	await tabTo(/^\s*Done/);
	await page.keyboard.press('Enter');
	await dialog().waitFor({ state: 'detached' });
	await page.getByRole('listitem', { name: 'Acme, Default' }).getByText('Connected').waitFor();
	await page.getByRole('listitem', { name: 'Busy, Default' }).getByText('Not tested').waitFor();
	expect(await page.content()).not.toContain(FILE_KEY);
});

test('a file is read as soon as it is chosen, and what is here already is said to be', async () => {
	await page.getByRole('button', { name: 'Move in' }).click();
	expect(await dialog().getByRole('textbox', { name: 'Keys' }).inputValue()).toBe('');
	const store = JSON.stringify({
		acme: { type: 'api', key: FILE_KEY },
		beta: { type: 'api', key: 'sk-wrong-000000000000' },
	});
	const file = { name: 'auth.json', mimeType: 'application/json', buffer: Buffer.from(store) };
	await dialog().locator('input[type=file]').setInputFiles(file);
	await dialog()
		.getByText('Already connected as “Default”.')
		.or(dialog().getByText('Already connected as "Default".'))
		.waitFor();
	await dialog().getByRole('button', { name: 'Test and import 1 key' }).click();
	await dialog().getByText('The key was not imported.').waitFor();
	await dialog().getByText('Beta rejected the key').waitFor();
	await dialog().getByText('that you chose').waitFor();
	await dialog().getByRole('button', { name: 'Done' }).click();
	const { connections } = await doce.call('settings/getProviderConnections');
	expect(connections.map(({ providerId }: { providerId: string }) => providerId)).toEqual(['acme', 'busy']);
});

test('a key of the environment is seen and copied, and then says so', async () => {
	await visit('/settings');
	const row = page.getByRole('listitem', { name: 'BETA_API_KEY' });
	await row.getByText('From environment').waitFor();
	await row.getByText('···envi').waitFor();
	expect(await page.getByText('OTHER_API_KEY').count()).toBe(0);
	await picture(page, 'environment');
	expect(await accessibilityFaults()).toEqual([]);
	await tabTo(/Copy into the encrypted store/);
	await page.keyboard.press('Enter');
	await row.getByText('In the encrypted store as “Default”').waitFor();
	await page.getByRole('listitem', { name: 'Beta, Default' }).getByText('Connected').waitFor();
	expect(await page.content()).not.toContain(ENV_KEY);
});

test('on a phone and in the dark nothing is cut off', async () => {
	await page.setViewportSize({ width: 360, height: 740 });
	await page.emulateMedia({ colorScheme: 'dark' });
	await visit('/settings');
	await picture(page, 'settings-phone-dark');
	await page.getByRole('button', { name: 'Move in' }).click();
	await dialog().getByRole('textbox', { name: 'Keys' }).fill(`BUSY_API_KEY=${UNUSED_KEY}\nBETA_API_KEY=${ENV_KEY}`);
	await picture(page, 'move-in-paste-phone-dark');
	await dialog().getByRole('button', { name: 'Show what is in it' }).click();
	await dialog().getByText('From').or(dialog().getByText('Moved in')).first().waitFor();
	await picture(page, 'move-in-choose-phone-dark');
	expect(await accessibilityFaults()).toEqual([]);
	const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
	expect(overflow).toBeLessThanOrEqual(0);
	await page.keyboard.press('Escape');
	await page.setViewportSize({ width: 1440, height: 900 });
	await page.emulateMedia({ colorScheme: 'light' });
});

test('no child has a key of the environment, and no file has one in clear', async () => {
	const input = { prompt: '{{write src/pages/index.astro <p>hello</p>}}', providerId: 'acme', modelId: 'fake-1' };
	const { projectId } = await doce.call('projects/create', input);
	await untilBuilt(doce, projectId);
	const children = descendants(doce.pid());
	expect(children.length).toBeGreaterThanOrEqual(2);
	const needles = [ENV_KEY, UNUSED_KEY].flatMap(encodings);
	expect(findInProcesses(children, needles)).toEqual([]);
	// What a process was started with stays to be seen in its own: the search does find it.
	expect(findInProcesses([doce.pid()], needles)).toEqual([`/proc/${doce.pid()}/environ`]);
	expect(findInFiles(dataDir, needles)).toEqual([]);
	expect(doce.output()).not.toMatch(/sk-(acme|beta|none|busy)/);
});

test('no page had an error or loaded what it may not', () => {
	expect(problems.filter((problem) => !/status of 4\d\d|status of 503/.test(problem))).toEqual([]);
});
