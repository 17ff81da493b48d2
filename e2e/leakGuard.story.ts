import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openBrowser, openPage, picture } from '../test/harness/browser.ts';
import { type Doce, openPreview, startDoce, until } from '../test/harness/doce.ts';
import { accessibilityFaults, overflow, signIn, visit } from '../test/harness/pages.ts';
import { connect, getProject, untilBuilt, untilPrompt } from '../test/harness/project.ts';
import { contains, encodings } from '../test/harness/sweep.ts';

const KEY = 'sk-guarded-Zq8vT3nX5wLr2KpYb7Hd';
const PIECES = [...encodings(KEY), KEY.slice(11, 21), KEY.slice(-10)];
/** Where a project's OpenCode keeps a key that is copied into it. It lets no `cat` or `cp` there; other commands it does. */
const AUTH = '../opencode/data/opencode/auth.json';
let doce: Doce;
let llm: FakeLlm;
let browser: Browser;
let page: Page;
let projectId: string;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	doce = await startDoce();
	await connect(doce, 'own', `${llm.url}/v1`, { apiKey: KEY, delivery: 'direct' });
	({ projectId } = await doce.call('projects/create', { prompt: 'Begin', name: 'Bakery', providerId: 'own' }));
	await untilBuilt(doce, projectId);
	browser = await openBrowser();
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	({ page } = await openPage(context));
	await signIn(page, doce);
});

afterAll(async () => {
	await browser?.close();
	await doce?.destroy();
	await llm?.close();
});

const workspace = () => join(doce.dataDir, 'projects', projectId, 'workspace');
const answer = async (verb: string, input: object) => (await doce.request(verb, input)).text();

async function ask(text: string): Promise<string> {
	const { messageId } = await doce.call('chat/send', { projectId, text });
	await untilPrompt(doce, projectId, 'succeeded');
	return messageId;
}

test('the agent reads its key, whole and in pieces and in other writings, and the chat shows none of it', async () => {
	await visit(page, doce, `/projects/${projectId}`);
	await ask(
		[
			`{{bash grep . ${AUTH}}}`,
			`{{bash fold -w 12 ${AUTH}}}`,
			`{{bash base64 -w0 ${AUTH}; echo; od -An -tx1 ${AUTH} | tr -d ' \\n'; echo; rev ${AUTH}}}`,
		].join(' '),
	);
	const seen = await answer('chat/messages', { projectId });
	// What the fake provider was shown is proof that the agent really had it.
	expect(contains(JSON.stringify(llm.requests.map(({ body }) => body)), [KEY])).toBe(true);
	expect(seen.match(/\[key\]/g)?.length).toBeGreaterThanOrEqual(5);
	expect(contains(seen, PIECES)).toBe(false);
	await page.getByRole('log').getByText('Done. model=fake-1 tools=3').waitFor();
	expect(contains(await page.content(), PIECES)).toBe(false);
	expect(contains(readFileSync(join(doce.dataDir, 'doce.sqlite')), PIECES)).toBe(false);
	const wal = join(doce.dataDir, 'doce.sqlite-wal');
	if (existsSync(wal)) expect(contains(readFileSync(wal), PIECES)).toBe(false);
	const { jobs } = await doce.call('queue/list', { projectId });
	for (const { id } of jobs) expect(contains(await answer('queue/get', { jobId: id }), PIECES)).toBe(false);
});

test('a key that a person pastes is taken out before it is stored or sent, and the chat says so', async () => {
	const id = await ask(`Use ${KEY} for the map`);
	const { messages } = await doce.call('chat/messages', { projectId });
	const message = messages.find((each: { id: string }) => each.id === id);
	expect(message.parts[0].text).toMatch(/^Use \S*\[key\] for the map$/);
	expect(message.note).toContain('taken out');
	expect(llm.requests.filter(({ userText }) => userText.includes('for the map') && contains(userText, PIECES))).toEqual(
		[],
	);
});

test('a preview that writes the key into its log shows it in no log of doce', async () => {
	const leak = `{{write src/pages/leak.astro ---
import { readFileSync } from 'node:fs';
console.log('leaked', readFileSync('leaked.txt', 'utf8'));
---
<p>leaking</p>}}`;
	// The preview does not see that file itself: the agent has to bring it.
	await ask(`{{bash grep . ${AUTH} > leaked.txt}}`);
	await ask(leak);
	const { previewUrl } = await getProject(doce, projectId);
	const address = new URL(previewUrl);
	address.pathname = '/leak';
	await until(async () => (await openPreview(address.href)).status < 500);
	await until(async () => (await answer('projects/logs', { projectId, process: 'preview' })).includes('leaked'));
	const log = await answer('projects/logs', { projectId, process: 'preview' });
	expect(log).toContain('[key]');
	expect(contains(log, PIECES)).toBe(false);
	const raw = readFileSync(join(doce.dataDir, 'run', `${projectId}.preview.log`));
	expect(contains(raw, [KEY])).toBe(true);
	rmSync(join(workspace(), 'leaked.txt'));
});

test('a file that carries the key is shown without it, says so, and is not exported', async () => {
	const clean = await doce.call('projects/export', { projectId });
	expect(clean.fileName).toMatch(/\.zip$/);
	const files = Object.keys(unzipSync(Buffer.from(clean.content, 'base64')));
	expect(files).toContain('package.json');
	expect(files.filter((path) => /node_modules|^\.git\/|\.env$/.test(path))).toEqual([]);

	await ask(`{{bash mkdir -p public && grep . ${AUTH} | tee public/stolen.json .env}}`);
	expect(contains(readFileSync(join(workspace(), 'public/stolen.json')), [KEY])).toBe(true);
	const shown = await doce.call('projects/readFile', { projectId, path: 'public/stolen.json' });
	expect(shown).toMatchObject({ redacted: true, content: expect.stringContaining('[key]') });
	expect(contains(shown.content, PIECES)).toBe(false);
	expect((await doce.call('projects/readFile', { projectId, path: 'package.json' })).redacted).toBe(false);
	const refused = await doce.request('projects/export', { projectId });
	expect(refused.status).toBe(409);
	const words = (await refused.json()).error.message;
	expect(words).toContain('public/stolen.json');
	expect(words).not.toContain('.env');

	await page.getByRole('tab', { name: 'Files' }).click();
	await page.getByText('public', { exact: true }).click();
	await page.getByText('stolen.json', { exact: true }).click();
	await page.getByText('This file carries a key of yours').waitFor();
	await picture(page, 'leaking-file');
	expect(await accessibilityFaults(page)).toEqual([]);
	await page.getByRole('button', { name: 'More', exact: true }).click();
	await page.getByRole('menuitem', { name: 'Export' }).click();
	const told = page.getByRole('region', { name: 'Notifications' });
	await told.getByText('The site was not exported').waitFor();
	await told.getByText(/public\/stolen\.json/).waitFor();
	await picture(page, 'export-refused');
	await page.setViewportSize({ width: 360, height: 740 });
	expect(await overflow(page)).toBe(0);
	await page.setViewportSize({ width: 1440, height: 900 });
});

test('without the file the site is downloaded', async () => {
	await ask('{{bash rm public/stolen.json}}');
	await visit(page, doce, `/projects/${projectId}`);
	const waiting = page.waitForEvent('download');
	await page.getByRole('button', { name: 'More', exact: true }).click();
	await page.getByRole('menuitem', { name: 'Export' }).click();
	const download = await waiting;
	expect(download.suggestedFilename()).toMatch(/^bakery.*\.zip$/);
	const files = unzipSync(readFileSync(await download.path()));
	expect(Object.keys(files)).toContain('src/pages/leak.astro');
	expect(Object.keys(files)).not.toContain('.env');
	const direct = await fetch(`http://127.0.0.1:${new URL(doce.url).port}/api/export/${projectId}.zip`);
	expect(direct.status).toBe(401);
});
