import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, openPreview, startDoce, until } from '../test/harness/doce.ts';
import { connect, getProject, KEY, untilBuilt, untilPrompt } from '../test/harness/project.ts';

let llm: FakeLlm;
let doce: Doce;
let projectId: string;

const dataDir = mkdtempSync(join(tmpdir(), 'doce-switch-'));
const openIn = (DOCE_RUNTIME: string) => startDoce({ dataDir, env: { DOCE_RUNTIME } });
const write = (words: string) => `{{write src/pages/index.astro <h1>${words}</h1>}}`;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	doce = await openIn('process');
	await connect(doce, 'mine', `${llm.url}/v1`);
	({ projectId } = await doce.call('projects/create', { prompt: write('Made as processes'), name: 'Switched' }));
	await untilBuilt(doce, projectId);
});

afterAll(async () => {
	await doce?.destroy();
	await llm?.close();
});

test.each(['docker', 'process'])(
	'the project goes on with the runtime %s, with its files and its words',
	async (kind) => {
		const { previewUrl } = await getProject(doce, projectId);
		await doce.stop();
		doce = await openIn(kind);
		await doce.call('chat/send', { projectId, text: write(`Changed in ${kind}`) });
		await untilPrompt(doce, projectId, 'succeeded', 120_000);
		const host = new URL((await getProject(doce, projectId)).previewUrl ?? previewUrl);
		await until(async () => (await openPreview(host.href)).body.includes(`Changed in ${kind}`), 60_000);
		const { messages } = await doce.call('chat/messages', { projectId });
		const own = messages.filter(({ role }: { role: string }) => role === 'user');
		expect(own[0]).toMatchObject({ parts: [{ text: write('Made as processes') }] });
	},
);
