import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openBrowser, openPage } from '../test/harness/browser.ts';
import { chosenRuntime, type Doce, openPreview, startDoce, until } from '../test/harness/doce.ts';
import { faultsOf, signIn, visit } from '../test/harness/pages.ts';
import { connect, getProject, KEY, untilBuilt, untilPrompt } from '../test/harness/project.ts';

/** In hours: longer than an open page takes to say that it is still there. */
const SOON = 0.01;

const isInContainers = chosenRuntime()['DOCE_RUNTIME'] === 'docker';

let browser: Browser;
let llm: FakeLlm;

beforeAll(async () => {
	[browser, llm] = await Promise.all([openBrowser(), startFakeLlm({ keys: [KEY] })]);
});

afterAll(async () => {
	await browser?.close();
	await llm?.close();
});

async function open(doce: Doce): Promise<{ page: Page; problems: string[]; close(): Promise<void> }> {
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
	const opened = await openPage(context);
	await signIn(opened.page, doce);
	return { ...opened, close: () => context.close() };
}

describe('a project that runs', () => {
	let doce: Doce;
	let projectId: string;

	beforeAll(async () => {
		doce = await startDoce();
		await connect(doce, 'mine', `${llm.url}/v1`);
		const prompt = '{{write src/pages/index.astro <h1>Crumb</h1>}}';
		({ projectId } = await doce.call('projects/create', { prompt, name: 'Bakery' }));
		await untilBuilt(doce, projectId);
	});

	afterAll(() => doce?.destroy());

	test('an admin says when unused projects rest, and is told what is wrong', async () => {
		const { page, problems, close } = await open(doce);
		await visit(page, doce, '/settings');
		const section = page.getByRole('region', { name: 'Running projects' });
		expect(await section.getByLabel('Pause after, in minutes').count()).toBe(isInContainers ? 1 : 0);
		await section.getByLabel('Stop after, in hours').fill('soon');
		await section.getByRole('button', { name: 'Save' }).click();
		await section.getByText('Give a number such as 15').waitFor();
		await section.scrollIntoViewIfNeeded();
		expect(await faultsOf(page, 'runtime-settings')).toEqual([]);
		await section.getByLabel('Stop after, in hours').fill('24');
		await section.getByRole('button', { name: 'Save' }).click();
		await page.getByText('Saved').first().waitFor();
		expect((await doce.call('settings/getRuntime')).settings.stopAfterHours).toBe(24);
		expect(problems).toEqual([]);
		await close();
	});

	test('its page shows what it uses, and its limits where there are any', async () => {
		const { page, problems, close } = await open(doce);
		const { keeps } = await doce.call('settings/getRuntime');
		await visit(page, doce, `/projects/${projectId}`);
		await page.getByRole('tab', { name: 'Activity' }).click();
		const inUse = page.getByRole('region', { name: 'In use' });
		await inUse.getByText('Agent').waitFor();
		await inUse
			.getByText(/\d (MB|GB)/)
			.first()
			.waitFor();
		const { load } = await doce.call('projects/getLoad', { projectId });
		expect(load.processes.map(({ name }: { name: string }) => name)).toEqual(['opencode', 'preview']);
		expect(load.processes[0].memoryMb).toBeGreaterThan(20);
		expect(await faultsOf(page, 'project-load')).toEqual([]);
		await page.getByRole('button', { name: 'More' }).click();
		await page.getByRole('menuitem', { name: 'Export' }).waitFor();
		expect(await page.getByRole('menuitem', { name: 'Limits' }).count()).toBe(keeps.length > 0 ? 1 : 0);
		expect(problems).toEqual([]);
		await close();
	});

	test('a limit that it ran into is named, and raised with one button', async () => {
		await (isInContainers ? runOutOfMemory() : noteThatItRanOut());
		const { page, problems, close } = await open(doce);
		await visit(page, doce, `/projects/${projectId}`);
		await page.getByText('The project ran out of its 1 GB of memory.').waitFor();
		expect(await faultsOf(page, 'limit-reached')).toEqual([]);
		await page.getByRole('button', { name: 'Raise to 2 GB', exact: true }).click();
		await page.getByText('The project ran out of its').waitFor({ state: 'detached' });
		expect((await doce.call('projects/getLimits', { projectId })).own).toMatchObject({ memoryMb: 2_048 });
		expect(problems).toEqual([]);
		await close();
	});

	async function runOutOfMemory(): Promise<void> {
		await doce.call('projects/setLimits', { projectId, memoryMb: 1_024 });
		const eater = 'const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))';
		await doce.call('chat/send', { projectId, text: `{{bash node -e '${eater}'; echo over}}` });
		await untilPrompt(doce, projectId, 'succeeded');
	}

	/** What a runtime with limits notes: processes of this machine have none. */
	function noteThatItRanOut(): void {
		const database = new DatabaseSync(join(doce.dataDir, 'doce.sqlite'));
		database.prepare("update projects set reached = 'memory', memory_mb = 1024 where id = ?").run(projectId);
		database.close();
	}

	if (isInContainers)
		test('it is paused when nobody uses it for minutes, and goes on at once for a visitor', async () => {
			const isPaused = async () => (await doce.call('projects/getLoad', { projectId })).load.isPaused;
			await doce.call('settings/setRuntimeSettings', { pauseAfterMinutes: 0.02 });
			await until(isPaused, 60_000);
			await doce.call('settings/setRuntimeSettings', { pauseAfterMinutes: 15 });
			const { previewUrl } = await getProject(doce, projectId);
			expect((await openPreview(previewUrl)).body).toContain('Crumb');
			expect(await isPaused()).toBe(false);
		});

	test('it runs on while its page is open, is stopped when nobody uses it, and wakes for a visitor', async () => {
		const { page, close } = await open(doce);
		await visit(page, doce, `/projects/${projectId}`);
		await doce.call('settings/setRuntimeSettings', { stopAfterHours: SOON });
		await new Promise((resolve) => setTimeout(resolve, SOON * 3_600_000 + 20_000));
		expect((await getProject(doce, projectId)).status).toBe('running');
		await close();
		await until(async () => (await getProject(doce, projectId)).status === 'stopped', 120_000);
		const [stop] = (await doce.call('queue/list', { projectId, type: 'project.stop' })).jobs;
		const { job } = await doce.call('queue/get', { jobId: stop.id });
		const log = job.events.map(({ message }: { message: string }) => message);
		expect(log).toContain('Nobody has used it for as long as the settings allow');
		expect((await doce.call('projects/getLoad', { projectId })).load).toBeNull();
		await doce.call('settings/setRuntimeSettings', { stopAfterHours: 12 });
		const { previewUrl } = await getProject(doce, projectId);
		expect((await openPreview(previewUrl)).body).toContain('Waking the project up');
		await until(async () => (await openPreview(previewUrl)).body.includes('Crumb'), 120_000);
	});
});

describe('a doce whose Docker is away', () => {
	let doce: Doce;

	beforeAll(async () => {
		doce = await startDoce({ env: { DOCE_RUNTIME: 'docker', DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
		await connect(doce, 'mine', `${llm.url}/v1`);
	});

	afterAll(() => doce?.destroy());

	test('says so on its pages and previews, with the cure, and what has to be done waits', async () => {
		const cure = 'Docker does not answer at unix:///nowhere/docker.sock. Start it';
		expect((await doce.call('settings/getRuntime')).trouble).toContain(cure);
		const { projectId } = await doce.call('projects/create', { prompt: 'A bakery', name: 'Waiting' });
		const { page, problems, close } = await open(doce);
		for (const [path, name] of [
			['/', 'docker-away'],
			[`/projects/${projectId}`, 'docker-away-project'],
			['/settings', 'docker-away-settings'],
		] as const) {
			await visit(page, doce, path);
			await page.getByText('Projects cannot run now').waitFor();
			await page.getByText(cure).waitFor();
			expect(await faultsOf(page, name)).toEqual([]);
		}
		const section = page.getByRole('region', { name: 'Running projects' });
		expect(await section.getByLabel('Memory, in GB').inputValue()).toBe('1.5');
		await visit(page, doce, `/projects/${projectId}`);
		await page.getByRole('button', { name: 'More' }).click();
		await page.getByRole('menuitem', { name: 'Limits' }).click();
		const dialog = page.getByRole('dialog', { name: 'Limits of Waiting' });
		await dialog.getByLabel(/^Disk, in GB/).fill('0.1');
		await dialog.getByRole('button', { name: 'Save' }).click();
		await dialog.getByText('Give a number from 0.5 to').waitFor();
		expect(await faultsOf(page, 'limits-dialog')).toEqual([]);
		await dialog.getByLabel(/^Disk, in GB/).fill('2');
		await dialog.getByRole('button', { name: 'Save' }).click();
		await dialog.waitFor({ state: 'detached' });
		expect((await doce.call('projects/getLimits', { projectId })).own).toMatchObject({ diskMb: 2_048, memoryMb: null });
		const { status, steps, previewUrl } = await getProject(doce, projectId);
		expect([status, steps[0].state, steps[0].attempts]).toEqual(['creating', 'queued', 0]);
		expect((await openPreview(previewUrl)).body).toContain('Docker does not answer at unix:///nowhere/docker.sock.');
		expect(problems.filter((problem) => !problem.includes('503'))).toEqual([]);
		await close();
	});
});
