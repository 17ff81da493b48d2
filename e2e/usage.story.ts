import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openBrowser, openPage, picture } from '../test/harness/browser.ts';
import { type Doce, startDoce, until } from '../test/harness/doce.ts';
import { accessibilityFaults, faultsOf, signIn, visit } from '../test/harness/pages.ts';
import { connect, getProject, KEY, untilBuilt, untilPrompt } from '../test/harness/project.ts';

let doce: Doce;
let llm: FakeLlm;
let browser: Browser;
let page: Page;
let problems: string[];
let projectId: string;
let connectionId: string;
let records = 0;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	doce = await startDoce();
	const direct = { custom: { name: 'Own provider' }, delivery: 'direct' };
	({ id: connectionId } = await connect(doce, 'own', `${llm.url}/v1`, direct));
	({ projectId } = await doce.call('projects/create', { prompt: 'Begin', name: 'Bakery', providerId: 'own' }));
	await untilBuilt(doce, projectId);
	browser = await openBrowser();
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	({ page, problems } = await openPage(context));
	await signIn(page, doce);
});

afterAll(async () => {
	await browser?.close();
	await doce?.destroy();
	await llm?.close();
});

/** Puts a call on record, as whoever meters calls does. */
function spend(usd: number, { daysAgo = 0, model = 'fake-1' } = {}): void {
	const at = Date.now() - daysAgo * 86_400_000;
	const database = new DatabaseSync(join(doce.dataDir, 'doce.sqlite'), { timeout: 5_000 });
	const { user_id: userId } = database.prepare('select user_id from projects').get() as { user_id: string };
	const columns = 'id, at, day, user_id, project_id, connection_id, provider_id, model_id, status, input_tokens';
	database
		.prepare(
			`insert into usage_records (${columns}, cached_tokens, output_tokens, reasoning_tokens, price_micro_usd)
			values (?, ?, ?, ?, ?, ?, 'own', ?, 200, 1200, 300, 80, 20, ?)`,
		)
		.run(
			`story-${records++}`,
			at,
			new Date(at).toISOString().slice(0, 10),
			userId,
			projectId,
			connectionId,
			model,
			Math.round(usd * 1_000_000),
		);
	database.close();
}

const say = async (text: string): Promise<string> => (await doce.call('chat/send', { projectId, text })).messageId;
const answersOf = (text: string) => llm.requests.filter((call) => call.userText === text && call.status === 200);

async function messageOf(id: string) {
	const { messages } = await doce.call('chat/messages', { projectId });
	return messages.find((each: { id: string }) => each.id === id);
}

async function actionsOf(): Promise<string[]> {
	const { entries } = await doce.call('audit/list', { projectId });
	return entries.map(({ action }: { action: string }) => action);
}

test('what a project does with the key itself is on record, by the count of its agent', async () => {
	const { rows, totals } = await doce.call('usage/report', { by: 'connection' });
	expect(rows).toEqual([expect.objectContaining({ id: connectionId, name: expect.stringContaining('Own provider') })]);
	expect(totals.calls).toBeGreaterThan(0);
	expect(totals.inputTokens).toBeGreaterThan(0);
	expect(totals.outputTokens).toBeGreaterThan(0);
});

test('a turn that its person stops is on record as far as it went', async () => {
	const callsNow = async () => (await doce.call('usage/report', { by: 'connection' })).totals.calls;
	const before = await callsNow();
	const text = '{{bash true}} {{slow 100}} {{long 400}}';
	await say(text);
	await until(() => answersOf(text).length === 2);
	await doce.call('chat/stop', { projectId });
	await until(async () => (await callsNow()) === before + 1);
});

test('the page shows totals, a chart of the days, and a table by whatever one likes', async () => {
	for (let daysAgo = 0; daysAgo < 20; daysAgo++) spend(0.05 + (daysAgo % 5) * 0.11, { daysAgo });
	spend(0.4, { daysAgo: 3, model: 'fake-2' });
	await visit(page, doce, '/usage');
	await page.getByRole('img', { name: /^Cost a day, .* in all, most on / }).waitFor();
	const { totals } = await doce.call('usage/report', { by: 'day' });
	await page
		.getByRole('definition')
		.filter({ hasText: `$${totals.priceUsd.toFixed(2)}` })
		.waitFor();
	expect(await faultsOf(page, 'usage')).toEqual([]);

	await page.getByRole('combobox', { name: 'Broken down by' }).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('option', { name: 'By model' }).click();
	await page.getByRole('row', { name: /own\/fake-2 \$0\.40/ }).waitFor();
	expect(new URL(page.url()).search).toBe('?by=model');
	await page.getByRole('combobox', { name: 'Shown in the chart' }).click();
	await page.getByRole('option', { name: 'Tokens a day' }).click();
	await page.getByRole('img', { name: /^Tokens a day/ }).waitFor();
	await page.getByLabel('Until').fill('2020-01-31');
	await page.getByLabel('From').fill('2020-01-01');
	await page.getByText('Nothing matches these filters').waitFor();
	await page.getByRole('button', { name: 'Clear the filters' }).click();
	await page.getByRole('row', { name: /own\/fake-2/ }).waitFor();

	const waiting = page.waitForEvent('download');
	await page.getByRole('link', { name: 'Export as CSV' }).click();
	const download = await waiting;
	expect(download.suggestedFilename()).toMatch(/^doce-usage-by-model-.*\.csv$/);
	const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
	expect(lines[0]).toContain('"input tokens","cached tokens","output tokens","reasoning tokens"');
	expect(lines.find((line) => line.includes('fake-2'))).toContain('"0.400000"');
});

test('a connection and a project say what they cost this month', async () => {
	const month = new Date().toISOString().slice(0, 7);
	const { totals } = await doce.call('usage/report', { by: 'day', from: `${month}-01`, projectId });
	const words = `$${totals.priceUsd.toFixed(2)} this month`;
	await visit(page, doce, '/settings');
	await page
		.getByRole('listitem', { name: /Own provider/ })
		.getByText(words)
		.waitFor();
	await visit(page, doce, `/projects/${projectId}`);
	await page.getByRole('link', { name: words }).click();
	await page.waitForURL(`**/usage?project=${projectId}`);
});

test('a budget warns at 80 %, and at 100 % the prompt waits; raised in the browser, it is answered once', async () => {
	const { totals } = await doce.call('usage/report', { by: 'day', from: today(), projectId });
	const limitUsd = Math.round((totals.priceUsd + 10) * 100) / 100;
	await visit(page, doce, `/projects/${projectId}`);
	await page.getByRole('button', { name: 'More', exact: true }).click();
	await page.getByRole('menuitem', { name: 'Budgets' }).click();
	const dialog = page.getByRole('dialog', { name: 'Budgets of Bakery' });
	await dialog.getByLabel(/Each day/).fill('much');
	await page.keyboard.press('Enter');
	await dialog.getByText('Give an amount such as 5').waitFor();
	await picture(page, 'budget');
	expect(await accessibilityFaults(page)).toEqual([]);
	await dialog.getByLabel(/Each day/).fill(String(limitUsd));
	await page.keyboard.press('Enter');
	await dialog.waitFor({ state: 'detached' });

	spend(8.5);
	await say('Nearly there');
	await untilPrompt(doce, projectId, 'succeeded');
	await page.getByText(/This project has used \d\d % of its budget for today/).waitFor();
	await say('Still nearly there');
	await untilPrompt(doce, projectId, 'succeeded');
	expect((await actionsOf()).filter((action) => action === 'budget.warned')).toHaveLength(1);

	spend(3);
	const id = await say('One too many');
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await messageOf(id)).error).toMatchObject({ kind: 'waiting', reason: 'over_budget' });
	const { connections } = await doce.call('settings/getProviderConnections');
	expect(connections[0]).toMatchObject({ status: 'connected', reason: null });
	await page.getByText(/has used its budget for today: .* Your message is kept, and sent by itself/).waitFor();
	expect(await faultsOf(page, 'over-budget')).toEqual([]);
	expect(answersOf('One too many')).toHaveLength(0);

	await page.getByRole('log').getByRole('button', { name: 'Change budget' }).click();
	await dialog.getByText(/used today/).waitFor();
	await dialog.getByLabel(/Each day/).fill(String(limitUsd + 100));
	await dialog.getByRole('button', { name: 'Save' }).click();
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersOf('One too many')).toHaveLength(1);
	expect((await messageOf(id)).error).toBeUndefined();
	expect((await getProject(doce, projectId)).notices).toEqual([]);
	expect(await actionsOf()).toEqual(expect.arrayContaining(['budget.set', 'budget.stopped']));
});

test('a connection’s budget stops its projects, across a restart, until it is removed', async () => {
	const { budget } = await doce.call('usage/setBudget', {
		subject: 'connection',
		subjectId: connectionId,
		period: 'month',
		limitUsd: 1,
	});
	expect(budget).toMatchObject({ state: 'used_up', subjectName: expect.stringContaining('Own provider') });
	const id = await say('And now');
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await messageOf(id)).error).toMatchObject({ reason: 'over_budget', connectionId });
	await doce.stop();
	await doce.restart();
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	await doce.call('usage/removeBudget', { budgetId: budget.id });
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersOf('And now')).toHaveLength(1);
	expect((await doce.call('usage/listBudgets', { subject: 'connection' })).budgets).toEqual([]);
});

test('a budget is set from a connection’s menu, by keyboard, and nobody sets one of what is not theirs', async () => {
	await visit(page, doce, '/settings');
	const menu = page.getByRole('button', { name: /^More for Own provider/ });
	await menu.focus();
	await page.keyboard.press('Enter');
	await page.getByRole('menuitem', { name: 'Budgets' }).waitFor();
	await page.keyboard.type('bud');
	await page.keyboard.press('Enter');
	const dialog = page.getByRole('dialog', { name: /Budgets of Own provider/ });
	await dialog.getByLabel(/Each month/).fill('500');
	await page.keyboard.press('Enter');
	await dialog.waitFor({ state: 'detached' });
	await until(async () => (await doce.call('usage/listBudgets', { subject: 'connection' })).budgets.length === 1);
	const foreign = { subject: 'project', subjectId: 'somebody-elses', period: 'day', limitUsd: 1 };
	expect((await doce.request('usage/setBudget', foreign)).status).toBe(404);
	// The restart cut what the page was listening to.
	const expected = /status of 4\d\d|status of 503|net::ERR_|api\/live/;
	expect(problems.filter((problem) => !expected.test(problem))).toEqual([]);
});

function today(): string {
	return new Date().toISOString().slice(0, 10);
}
