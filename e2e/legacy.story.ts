import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADA, BOB, CID, type LegacyData, writeLegacyData } from '../test/fakes/legacyData.ts';
import { openBrowser, openPage, picture } from '../test/harness/browser.ts';
import { type Doce, openPreview, startDoce, until } from '../test/harness/doce.ts';
import { contains, encodings, findInFiles } from '../test/harness/sweep.ts';

const NEEDLES = [ADA.key, BOB.key].flatMap(encodings);
let doce: Doce;
let old: LegacyData;
let oldRoot: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];

beforeAll(async () => {
	doce = await startDoce();
	oldRoot = `${doce.dataDir}-old`;
	old = writeLegacyData(join(oldRoot, 'data'));
	browser = await openBrowser();
});

afterAll(async () => {
	await browser?.close();
	old?.database.close();
	if (oldRoot !== undefined) rmSync(oldRoot, { recursive: true, force: true });
	await doce?.destroy();
});

/** The caller of verbs as one of the imported people. */
function as(username: string) {
	const token = doce.cli('token', 'create', '--name', `of ${username}`, '--user', username).trim();
	// biome-ignore lint/suspicious/noExplicitAny: tests read what they know to be there.
	return async (verb: string, input: unknown = {}): Promise<any> =>
		(await doce.request(verb, input, { authorization: `Bearer ${token}` })).json();
}

const signIn = (username: string, password: string) =>
	doce.request('users/signIn', { username, password }, { origin: doce.url });

async function newWindow({ width = 1440, colorScheme = 'light' as 'light' | 'dark' } = {}): Promise<void> {
	await context?.close();
	context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
	({ page, problems } = await openPage(context));
}

async function visit(path: string): Promise<void> {
	await page.goto(doce.url + path);
	await page.waitForFunction(() => document.querySelector('astro-island[ssr]') === null);
}

async function signInByKeyboard(username: string, password: string): Promise<void> {
	await visit('/signin');
	await page.getByLabel('Username').focus();
	await page.keyboard.type(username);
	await page.keyboard.press('Tab');
	await page.keyboard.type(password);
	await page.keyboard.press('Enter');
	await page.waitForURL(`${doce.url}/`);
}

async function tabTo(name: RegExp | string, role: 'button' | 'textbox' = 'button'): Promise<void> {
	const target = page.getByRole(role, { name, exact: true });
	for (let presses = 0; presses < 80; presses++) {
		if (await target.evaluate((element) => element === document.activeElement)) return;
		await page.keyboard.press('Tab');
	}
	throw new Error(`The focus never came to ${name}.`);
}

async function faults(): Promise<string[]> {
	await page.evaluate(axe.source);
	const found = await page.evaluate(() =>
		(window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'], iframes: false }),
	);
	const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
	const wide = overflow > 0 ? [`The page is ${overflow} px too wide.`] : [];
	return [
		...wide,
		...found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`)),
	];
}

test('the command line imports beside the running server, twice, and says what came over', async () => {
	const first = doce.cli('import-legacy', old.folder);
	expect(first).toContain('3 people and 5 projects came over.');
	expect(first).toMatch(/bob b \(here: bob-b\): imported, key encrypted/);
	expect(first).toMatch(/Not taken over\n {2}1 deleted project, skipped\./);
	expect(first).toContain(join(old.folder, 'projects/prj_bakery/.env'));
	expect(first).toContain('--remove-plain-keys');
	const second = doce.cli('import-legacy', old.file);
	expect(second).toContain('0 people and 0 projects came over. 3 people and 5 projects had come over before');
	expect(contains(first + second, NEEDLES)).toBe(false);
	expect(findInFiles(doce.dataDir, NEEDLES)).toEqual([]);
	expect(readFileSync(join(old.folder, 'projects/prj_bakery/.env'), 'utf8')).toContain(ADA.key);
});

test('the old password signs in; the second sign-in upgrades by itself', async () => {
	expect((await signIn('bob-b', ADA.password)).status).toBe(401);
	expect((await signIn('bob-b', BOB.password)).status).toBe(200);
	const bob = as('bob-b');
	expect((await bob('settings/getProviderConnections')).connections).toMatchObject([{ legacy: true }]);
	expect((await signIn('bob-b', BOB.password)).status).toBe(200);
	const { connections } = await bob('settings/getProviderConnections');
	expect(connections).toMatchObject([{ legacy: false, label: 'Imported', lastFour: 'dcba', preferred: true }]);
	const again = await bob('settings/migrateToProviderSystem');
	expect(again.connection.id).toBe(connections[0].id);
	expect(await bob('settings/migrateToProviderSystem')).toEqual(again);
	expect((await signIn('cid', CID.password)).status).toBe(200);
});

test('a project of somebody with only the legacy key runs, with one warning, and its old page is seen', async () => {
	const ada = as('ada');
	const { projects } = await ada('projects/list');
	const { id: projectId } = projects.find((project: { name: string }) => project.name === 'Bäckerei');
	await ada('projects/start', { projectId });
	const get = async () => (await ada('projects/get', { projectId })).project;
	await until(async () => (await get()).status === 'running', 120_000);
	const auth = join(doce.dataDir, 'projects', projectId, 'opencode/data/opencode/auth.json');
	expect(JSON.parse(readFileSync(auth, 'utf8'))).toEqual({ openrouter: { type: 'api', key: ADA.key } });
	const { previewUrl, steps, busy } = await get();
	await until(async () => (await openPreview(previewUrl)).body.includes('From the old application'), 60_000);
	expect([steps.at(-1).state, busy]).toEqual(['succeeded', false]);
	expect(doce.output().match(/legacy OpenRouter key/g)).toHaveLength(1);
	expect(contains(doce.output(), NEEDLES)).toBe(false);
});

test('on a phone and by keyboard: the banner, one button, afterwards gone; the project goes on', async () => {
	await newWindow({ width: 360, colorScheme: 'dark' });
	await signInByKeyboard('ada', ADA.password);
	await visit('/settings');
	const banner = page.getByRole('region', { name: 'Upgrade to connected providers' });
	await banner.waitFor();
	await page.getByText('Legacy', { exact: true }).waitFor();
	await picture(page, 'legacy-banner-phone');
	expect(await faults()).toEqual([]);
	await tabTo('Upgrade');
	await page.keyboard.press('Enter');
	await banner.waitFor({ state: 'detached' });
	await page.getByText('Imported').first().waitFor();
	await page.getByText('Legacy', { exact: true }).waitFor({ state: 'detached' });
	expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
	await visit('/settings');
	expect(await banner.count()).toBe(0);
	expect(await page.getByText('Import from the old application').count()).toBe(0);
	expect(await faults()).toEqual([]);
	const ada = as('ada');
	const { projects } = await ada('projects/list');
	const running = projects.find((project: { name: string }) => project.name === 'Bäckerei');
	expect(running.status).toBe('running');
	const auth = join(doce.dataDir, 'projects', running.id, 'opencode/data/opencode/auth.json');
	await until(async () => {
		const { jobs } = await ada('queue/list', { projectId: running.id, type: 'credentials.deliver' });
		return jobs[0]?.state === 'succeeded';
	});
	expect(JSON.parse(readFileSync(auth, 'utf8')).openrouter.key).toBe(ADA.key);
	expect(problems).toEqual([]);
});

test('an admin imports from Settings: a wrong path is said beside its field, the report says the rest', async () => {
	await newWindow();
	await signInByKeyboard('admin', 'correct horse');
	await visit('/settings');
	const section = page.getByRole('region', { name: 'Import from the old application' });
	const path = section.getByLabel('Path on this server');
	await path.fill(join(oldRoot, 'nowhere'));
	await path.press('Enter');
	await section.getByText('There is nothing at').waitFor();
	expect(await faults()).toEqual([]);
	old.database.exec(`insert into projects (id, owner_user_id, created_at, name, slug, prompt, status, path_on_disk)
		values ('prj_late', '${CID.id}', 1735700000, 'Late', 'late', 'A late one', 'running', 'projects/prj_moved')`);
	await path.fill(old.folder);
	await path.press('Enter');
	await section.getByRole('heading', { name: /^0 people and 1 project came over/ }).waitFor();
	await section.getByText('Late').waitFor();
	await section.getByRole('list', { name: 'Keys in plain text' }).getByText('db.sqlite').waitFor();
	await section.scrollIntoViewIfNeeded();
	await page.screenshot({ path: 'test-results/pictures/legacy-report.png', fullPage: true });
	expect(await faults()).toEqual([]);
	await page.setViewportSize({ width: 360, height: 740 });
	await page.screenshot({ path: 'test-results/pictures/legacy-report-phone.png', fullPage: true });
	expect(await faults()).toEqual([]);
});

test('after a question the keys go from the old files, by keyboard', async () => {
	await tabTo('Remove the keys');
	await page.keyboard.press('Enter');
	const question = page.getByRole('alertdialog');
	await question.waitFor();
	await picture(page, 'legacy-remove');
	expect(await faults()).toEqual([]);
	await page.keyboard.press('Escape');
	await question.waitFor({ state: 'detached' });
	expect(findInFiles(old.folder, [ADA.key])).not.toEqual([]);
	await tabTo('Remove the keys');
	await page.keyboard.press('Enter');
	await tabTo('Remove keys');
	await page.keyboard.press('Enter');
	await page.getByText('Removed: 2 keys').waitFor();
	expect(findInFiles(oldRoot, NEEDLES)).toEqual([join(old.folder, 'projects/prj_bakery/docker-compose.yml')]);
	expect(doce.cli('import-legacy', old.folder, '--remove-plain-keys')).toContain('Not removed from');
	expect(problems.filter((problem) => !/status of 4\d\d/.test(problem))).toEqual([]);
});
