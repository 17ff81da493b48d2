import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../test/harness/browser.ts';
import { type Doce, gatewayOf, startDoce, until } from '../test/harness/doce.ts';
import { signIn, visit } from '../test/harness/pages.ts';
import { getProject, untilBuilt, untilPrompt } from '../test/harness/project.ts';
import type { Kind } from './kinds.ts';
import { createRecorder, type Recorder } from './places/recorder.ts';

/** A doce in which a credential has lived, and all that can be looked at of it. */
export type Life = {
	doce: Doce;
	kind: Kind;
	recorder: Recorder;
	page: Page;
	projectId: string;
	connectionId: string;
	/** Where this doce and all it started put temporary files. */
	temporary: string;
	/** Where exports and backups were put. */
	taken: string;
	startedAt: number;
	close(): Promise<void>;
};

const PAGES = ['/', '/settings', '/usage', '/queue', '/audit'];
const OF_ALL = ['settings/getProviderConnections', 'settings/listAvailableProviders', 'projects/list', 'queue/list'];
const OF_PERSON = [...OF_ALL, 'audit/list', 'usage/choices', 'users/listSessions', 'settings/getFallback'];
const OF_PROJECT = ['projects/get', 'projects/listFiles', 'projects/listModels', 'chat/messages'];

/**
 * Leads a credential through everything that may happen to it: given wrongly and rightly, used, streamed, refused in
 * words that repeat it, sent back by a provider that repeats what it gets, cut off, waited for, exported, backed up, and
 * kept over a kill -9 of the gateway and of doce.
 */
export async function live(kind: Kind): Promise<Life> {
	const life = await begin(kind);
	await spend(life);
	await take(life);
	await kill(life);
	await lookAtAll(life);
	return life;
}

/** A doce with the credential, a site that was built with it, and the site's page open in a browser. */
export async function begin(kind: Kind): Promise<Life> {
	const startedAt = Date.now();
	const temporary = mkdtempSync(join(tmpdir(), 'doce-sweep-'));
	const taken = mkdtempSync(join(tmpdir(), 'doce-taken-'));
	const env = { DOCE_LOG_LEVEL: 'trace', TMPDIR: temporary };
	const doce = await startDoce({ ...kind.options, env });
	const recorder = createRecorder(doce);
	const browser = await openBrowser();
	const page = await browser.newPage();
	recorder.watch(page);
	const connectionId = await kind.connect(recorder, doce.dataDir);
	const prompt = '{{write src/pages/index.astro <h1>A site</h1>}}{{bash env; ls -la; git log --oneline}}';
	const { projectId } = await recorder.ask('projects/create', { prompt });
	await untilBuilt(doce, projectId);
	recorder.follow(projectId);
	await signIn(page, doce);
	await visit(page, doce, `/projects/${projectId}`);
	const life = { doce, kind, recorder, page, projectId, connectionId, temporary, taken, startedAt };
	return { ...life, close: () => close(life, browser) };
}

type Living = Omit<Life, 'close'>;

/** Sends a message and waits until its job has this state. */
async function say({ doce, recorder, projectId }: Living, text: string, state = 'succeeded'): Promise<void> {
	await recorder.ask('chat/send', { projectId, text });
	await untilPrompt(doce, projectId, state, 120_000);
}

async function spend(life: Living): Promise<void> {
	const { kind, recorder, projectId, connectionId, doce } = life;
	await say(life, '{{slow 20}}{{long 60}}');
	await say(life, '{{echo}} repeats what it got');
	await say(life, '{{status 400}}', 'failed');
	// Every key is refused, in words that repeat it whole; the message waits, and goes on when the key is good again.
	kind.refuse(true);
	await say(life, 'refused', 'waiting_for_credential');
	kind.refuse(false);
	await recorder.ask('settings/testProviderConnection', { connectionId });
	await untilPrompt(doce, projectId, 'succeeded', 120_000);
	// What is cut off is asked again by OpenCode, and what hangs is waited for, until the person stops it.
	for (const text of ['{{cut}}{{long 40}}', '{{hang}}']) {
		await recorder.ask('chat/send', { projectId, text });
		await until(() => kind.llm.requests.some(({ userText }) => userText === text));
		await recorder.ask('chat/stop', { projectId });
		await untilPrompt(doce, projectId, 'cancelled');
	}
}

/** Everything that can be carried away. */
async function take({ doce, recorder, projectId, taken }: Living): Promise<void> {
	await recorder.download(`/api/export/${projectId}.zip`);
	for (const path of ['/api/usage.csv', '/api/audit.csv', '/api/audit.json']) await recorder.download(path);
	recorder.keep('output of backup', doce.cli('backup', join(taken, 'backup.sqlite')));
	recorder.keep('output of doctor', doce.cli('doctor'));
}

async function kill(life: Living): Promise<void> {
	const { doce, kind, recorder, projectId } = life;
	const text = '{{slow 50}}{{long 60}}';
	await recorder.ask('chat/send', { projectId, text });
	await until(() => kind.llm.requests.some(({ userText }) => userText === text));
	const gateway = gatewayOf(doce.pid());
	if (gateway !== undefined) process.kill(gateway, 'SIGKILL');
	await untilPrompt(doce, projectId, 'succeeded', 120_000);
	await doce.kill();
	await doce.restart();
	recorder.follow(projectId);
	await say(life, 'after the restart');
	if ((await getProject(doce, projectId)).status !== 'running') throw new Error('The project does not run any more.');
}

async function lookAtAll({ doce, recorder, page, projectId }: Living): Promise<void> {
	for (const verb of OF_PERSON) await recorder.ask(verb);
	for (const verb of OF_PROJECT) await recorder.ask(verb, { projectId });
	for (const process of ['opencode', 'preview']) await recorder.ask('projects/logs', { projectId, process });
	const { jobs } = await recorder.ask('queue/list');
	for (const { id } of jobs) await recorder.ask('queue/get', { jobId: id });
	await visit(page, doce, '/signin');
	if (new URL(page.url()).pathname === '/signin') await signIn(page, doce);
	for (const path of [...PAGES, `/projects/${projectId}`]) await visit(page, doce, path);
}

async function close({ doce, kind, recorder, temporary, taken }: Living, browser: Browser): Promise<void> {
	recorder.stop();
	await browser.close();
	await doce.destroy();
	await kind.close();
	for (const folder of [temporary, taken]) rmSync(folder, { recursive: true, force: true });
}
