import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, descendants, openPreview, startDoce } from '../test/harness/doce.ts';
import { connect, untilBuilt, untilPrompt } from '../test/harness/project.ts';
import { contains, encodings, findInFiles, findInProcesses } from '../test/harness/sweep.ts';

const CANARY = 'sk-canary-Zq8vT3nX5wLr2KpY';
const NEEDLES = encodings(CANARY);

/** The same life of a key, kept outside projects and copied into them. */
describe.each(['sealed', 'direct'] as const)('%s', (delivery) => {
	let doce: Doce;
	let llm: FakeLlm;
	let projectId: string;
	let authFile: string;
	const answers: string[] = [];
	const places = () => (delivery === 'direct' ? [authFile] : []);

	beforeAll(async () => {
		llm = await startFakeLlm({ keys: [CANARY], echoesKey: true });
		doce = await startDoce({ env: { DOCE_LOG_LEVEL: 'trace' } });
		const wrong = {
			providerId: 'mine',
			authType: 'api',
			apiKey: `${CANARY}-wrong`,
			custom: { name: 'Mine', baseURL: `${llm.url}/v1`, models: [{ id: 'fake-1' }], local: true },
		};
		answers.push(await (await doce.request('settings/connectProvider', wrong)).text());
		const connection = await connect(doce, 'mine', `${llm.url}/v1`, { apiKey: CANARY, delivery });
		answers.push(JSON.stringify(connection));
		({ projectId } = await doce.call('projects/create', { prompt: '{{write src/pages/index.astro <p>hello</p>}}' }));
		const project = await untilBuilt(doce, projectId);
		authFile = join(doce.dataDir, 'projects', projectId, 'opencode/data/opencode/auth.json');
		answers.push((await openPreview(project.previewUrl)).body);
		// A refusal that repeats the whole key, and a fault.
		llm.setKeys([]);
		await doce.call('chat/send', { projectId, text: 'refused' });
		await untilPrompt(doce, projectId, 'waiting_for_credential');
		const parked = await (await doce.request('chat/messages', { projectId })).text();
		expect(parked).toContain('rejected the key');
		answers.push(parked);
		llm.setKeys([CANARY]);
		const [{ id: connectionId }] = (await doce.call('settings/getProviderConnections')).connections;
		await doce.call('settings/testProviderConnection', { connectionId });
		await untilPrompt(doce, projectId, 'succeeded');
		await doce.call('chat/send', { projectId, text: '{{status 400}}' });
		await untilPrompt(doce, projectId, 'failed');
		for (const verb of [
			'settings/getProviderConnections',
			'settings/listAvailableProviders',
			'projects/list',
			'queue/list',
			'audit/list',
		]) {
			answers.push(await (await doce.request(verb, {})).text());
		}
		for (const verb of ['projects/get', 'chat/messages', 'projects/listFiles']) {
			answers.push(await (await doce.request(verb, { projectId })).text());
		}
		for (const process of ['opencode', 'preview'])
			answers.push(await (await doce.request('projects/logs', { projectId, process })).text());
		const { jobs } = await doce.call('queue/list');
		for (const { id } of jobs) answers.push(await (await doce.request('queue/get', { jobId: id })).text());
	});

	afterAll(async () => {
		await doce?.destroy();
		await llm?.close();
	});

	test(`on the disk the key is ${delivery === 'direct' ? 'in auth.json alone' : 'nowhere'}; that file is readable by its owner alone`, () => {
		expect(findInFiles(doce.dataDir, NEEDLES)).toEqual(places());
		expect(statSync(authFile).mode & 0o777).toBe(0o600);
		expect(Object.keys(JSON.parse(readFileSync(authFile, 'utf8')))).toEqual(['mine']);
	});

	test('no process has it in its environment or command line', () => {
		const pids = [doce.pid(), ...descendants(doce.pid())];
		expect(pids.length).toBeGreaterThanOrEqual(3);
		expect(findInProcesses(pids, NEEDLES)).toEqual([]);
	});

	test('no answer and no log line holds it', () => {
		expect(answers.filter((answer) => contains(answer, NEEDLES))).toEqual([]);
		expect(contains(doce.output(), NEEDLES)).toBe(false);
	});

	test('the search finds what is planted, in each place and way', () => {
		const planted = join(doce.dataDir, 'projects', projectId, 'workspace/planted.env');
		for (const way of NEEDLES) {
			writeFileSync(planted, `KEY=${way}\n`);
			expect(findInFiles(doce.dataDir, NEEDLES)).toContain(planted);
			expect(contains(`{"error":"${way}"}`, NEEDLES)).toBe(true);
		}
		rmSync(planted);
		expect(findInProcesses([process.pid], [process.execPath])).toContain(`/proc/${process.pid}/cmdline`);
	});

	test('a project that is stopped holds no key, and gets it again with its next message', async () => {
		await doce.call('projects/stop', { projectId });
		await expect.poll(() => findInFiles(doce.dataDir, NEEDLES), { timeout: 20_000 }).toEqual([]);
		await doce.call('chat/send', { projectId, text: 'awake again' });
		await untilPrompt(doce, projectId, 'succeeded');
		expect(findInFiles(doce.dataDir, NEEDLES)).toEqual(places());
	});

	test('after a disconnect the project holds it no longer', async () => {
		const { connections } = await doce.call('settings/getProviderConnections');
		const { removedFrom } = await doce.call('settings/disconnectProvider', { connectionId: connections[0].id });
		expect(removedFrom).toEqual([projectId]);
		await expect.poll(() => findInFiles(doce.dataDir, NEEDLES), { timeout: 20_000 }).toEqual([]);
		const moves = async () => {
			const { entries } = await doce.call('audit/list', { projectId });
			const actions = entries.map(({ action }: { action: string }) => action);
			return actions.filter((action: string) => /(delivered|removed)$/.test(action));
		};
		const expected = ['removed', 'delivered', 'removed', 'delivered'].map((what) => `credential.${what}`);
		await expect.poll(moves, { timeout: 20_000 }).toEqual(expected);
	});
});
