import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SETUP_STEPS } from '#shared/queue.ts';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, descendants, gatewayOf, isRunning, openPreview, startDoce, until } from '../test/harness/doce.ts';
import { processesOf } from '../test/harness/processes.ts';
import { connect, getProject, KEY, untilBuilt, untilPrompt, untilStepBegan } from '../test/harness/project.ts';

let doce: Doce;
let llm: FakeLlm;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	doce = await startDoce();
	await connect(doce, 'mine', `${llm.url}/v1`);
});

afterAll(async () => {
	await doce?.destroy();
	await llm?.close();
});

async function userTexts(projectId: string): Promise<string[]> {
	const { messages } = await doce.call('chat/messages', { projectId });
	const own = messages.filter((message: { role: string }) => message.role === 'user');
	return own.map((message: { parts: { text: string }[] }) => message.parts.map((part) => part.text).join());
}

test.each(SETUP_STEPS)('everything killed during %s: started again, the project ends as it should', async (type) => {
	const prompt = `{{write src/pages/index.astro <p>after ${type}</p>}} {{slow 20}}`;
	const { projectId } = await doce.call('projects/create', { prompt, name: type });
	await untilStepBegan(doce, projectId, type);
	await doce.kill(true);
	await doce.restart();
	const project = await untilBuilt(doce, projectId);
	expect(project).toMatchObject({ status: 'running', notices: [] });
	expect(await userTexts(projectId)).toEqual([prompt]);
	const page = join(doce.dataDir, 'projects', projectId, 'workspace/src/pages/index.astro');
	expect(readFileSync(page, 'utf8')).toBe(`<p>after ${type}</p>`);
	await until(async () => (await openPreview(project.previewUrl)).body.includes(`after ${type}`));
	await doce.call('projects/delete', { projectId });
	await until(async () => (await doce.request('projects/get', { projectId })).status === 404);
});

// The gateway ends with doce: what it carries is cut, and asked for again by OpenCode itself.
test.each([
	{ delivery: 'direct', most: 1 },
	{ delivery: 'sealed', most: 2 },
])(
	'doce alone killed while the agent works ($delivery): the processes are adopted and the prompt is answered once',
	async ({ delivery, most }) => {
		const [{ id: connectionId }] = (await doce.call('settings/getProviderConnections')).connections;
		await doce.call('settings/updateProviderConnection', { connectionId, delivery });
		const { projectId } = await doce.call('projects/create', { prompt: 'Begin', name: `Adopted ${delivery}` });
		const before = await untilBuilt(doce, projectId);
		const gateway = gatewayOf(doce.pid());
		const children = descendants(doce.pid()).filter((pid) => pid !== gateway);
		const text = `{{slow 100}} {{long 120}} ${delivery}`;
		await doce.call('chat/send', { projectId, text });
		await until(() => llm.requests.some((call) => call.userText === text));
		await doce.kill();
		await doce.restart();
		await untilPrompt(doce, projectId, 'succeeded');
		const calls = llm.requests.filter((call) => call.kind === 'generate' && call.userText === text);
		expect(calls.length).toBeLessThanOrEqual(most);
		expect(await userTexts(projectId)).toEqual(['Begin', text]);
		expect((await openPreview(before.previewUrl)).status).toBe(200);
		expect(children.filter(isRunning)).toEqual(children);
	},
);

test('an agent that dies by itself is started again, and answers the next message', async () => {
	const { projects } = await doce.call('projects/list');
	const { id: projectId } = projects[0];
	process.kill(processesOf(doce, projectId).opencode, 'SIGKILL');
	await until(async () => (await getProject(doce, projectId)).status === 'creating');
	await until(async () => (await getProject(doce, projectId)).status === 'running', 60_000);
	await doce.call('chat/send', { projectId, text: 'Are you there?' });
	await untilPrompt(doce, projectId, 'succeeded');
});

test('a stop in order ends every process, and the next start brings the project back', async () => {
	const { projects } = await doce.call('projects/list');
	const { id } = projects[0];
	const pids = Object.values(processesOf(doce, id));
	expect(pids.filter(isRunning)).toEqual(pids);
	await doce.stop();
	expect(pids.filter(isRunning)).toEqual([]);
	await doce.restart();
	await until(async () => (await getProject(doce, id)).status === 'running', 60_000);
});
