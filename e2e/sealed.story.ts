import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, descendants, gatewayOf, startDoce, until } from '../test/harness/doce.ts';
import { connect, getProject, untilBuilt, untilPrompt } from '../test/harness/project.ts';
import { contains, encodings, findInFiles, findInProcesses } from '../test/harness/sweep.ts';

const FIRST_KEY = 'sk-first-Zq8vT3nX5wLr2KpY';
const SECOND_KEY = 'sk-second-Hs6uJ4cM9bFd1RgT';
const NEEDLES = [...encodings(FIRST_KEY), ...encodings(SECOND_KEY)];

let doce: Doce;
let llm: FakeLlm;
let projectId: string;
let connectionId: string;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [FIRST_KEY], echoesKey: true });
	doce = await startDoce();
	const custom = { headers: { 'x-team': 'blue' } };
	connectionId = (await connect(doce, 'mine', `${llm.url}/v1`, { apiKey: FIRST_KEY, custom })).id;
	({ projectId } = await doce.call('projects/create', { prompt: '{{write src/pages/index.astro <p>hello</p>}}' }));
	await untilBuilt(doce, projectId);
});

afterAll(async () => {
	await doce?.destroy();
	await llm?.close();
});

const say = async (text: string): Promise<string> => (await doce.call('chat/send', { projectId, text })).messageId;
const answersTo = (text: string) => llm.requests.filter((call) => call.userText === text && call.status === 200);
const home = () => join(doce.dataDir, 'projects', projectId, 'opencode');
const stored = (): Record<string, { key: string }> =>
	JSON.parse(readFileSync(join(home(), 'data/opencode/auth.json'), 'utf8'));
const token = (): string => stored()['mine']?.key ?? '';
/** Lets the agent run a command, and returns what it saw. */
async function agentRuns(command: string): Promise<string> {
	await say(`{{bash ${command}}}`);
	await untilPrompt(doce, projectId, 'succeeded', 120_000);
	const { messages } = await doce.call('chat/messages', { projectId });
	const parts = messages.flatMap((message: { parts: object[] }) => message.parts);
	return JSON.stringify(parts.filter((part: { type?: string }) => part.type === 'tool').at(-1));
}
const error = async (id: string) => {
	const { messages } = await doce.call('chat/messages', { projectId });
	return messages.find((each: { id: string }) => each.id === id).error;
};
const receipts = async () => (await doce.call('settings/listReceipts', { connectionId })).receipts;

test('the provider gets the key and the connection’s own headers; the project has a token, and neither', async () => {
	expect(llm.requests.length).toBeGreaterThan(0);
	for (const { key, headers } of llm.requests.filter(({ kind }) => kind === 'generate')) {
		expect([key, headers['x-team']]).toEqual([FIRST_KEY, 'blue']);
	}
	expect(token()).toMatch(/^dpt_[\w-]{43}$/);
	expect(readFileSync(join(home(), 'opencode.json'), 'utf8')).not.toMatch(/x-team|blue/);
	expect(findInFiles(doce.dataDir, NEEDLES)).toEqual([]);
	expect(findInProcesses([doce.pid(), ...descendants(doce.pid())], NEEDLES)).toEqual([]);
	const [row] = (await doce.call('settings/getProviderConnections')).connections;
	expect(row).toMatchObject({ delivery: 'sealed', unsealable: null });
});

test('a replaced key is used by the next call: nothing is sent to the project, which is not disturbed', async () => {
	const before = token();
	const busy = say('{{slow 150}} {{long 200}}');
	await until(() => llm.requests.some((call) => call.userText.includes('{{long 200}}')));
	llm.setKeys([FIRST_KEY, SECOND_KEY]);
	await doce.call('settings/updateProviderConnection', { connectionId, apiKey: SECOND_KEY });
	await until(async () => (await receipts())[0]?.state === 'done' && (await receipts())[0]?.version === 2);
	await busy;
	await untilPrompt(doce, projectId, 'succeeded');
	llm.setKeys([SECOND_KEY]);
	await say('With which key');
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersTo('With which key').map(({ key }) => key)).toEqual([SECOND_KEY]);
	expect(token()).toBe(before);
});

test('a refusal that repeats the whole key is shown, and stored, without it', async () => {
	llm.setKeys([]);
	const id = await say('Refused');
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await error(id)).message).toContain('rejected the key');
	expect(findInFiles(doce.dataDir, NEEDLES)).toEqual([]);
	llm.setKeys([SECOND_KEY]);
	await doce.call('settings/testProviderConnection', { connectionId });
	await untilPrompt(doce, projectId, 'succeeded');
});

test('the gateway, killed in the middle of an answer, is back, and the message is answered once', async () => {
	const text = '{{slow 100}} {{long 60}}';
	await say(text);
	await until(() => answersTo(text).length > 0);
	const pid = gatewayOf(doce.pid()) ?? 0;
	process.kill(pid, 'SIGKILL');
	await until(() => ![undefined, pid].includes(gatewayOf(doce.pid())));
	await untilPrompt(doce, projectId, 'succeeded', 120_000);
	const { messages } = await doce.call('chat/messages', { projectId });
	const told = messages
		.filter(({ role }: { role: string }) => role === 'user')
		.map(({ parts }: { parts: { text: string }[] }) => parts[0]?.text);
	expect(told.filter((each: string) => each === text)).toHaveLength(1);
	expect(messages.at(-1).role).toBe('assistant');
	expect(contains(doce.output(), NEEDLES)).toBe(false);
});

test('switched to direct the key is in the project, and switched back it is gone from it', async () => {
	const before = token();
	await doce.call('settings/updateProviderConnection', { connectionId, delivery: 'direct' });
	await until(() => token() === SECOND_KEY);
	await until(async () => (await receipts())[0]?.state === 'done');
	await say('Direct');
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersTo('Direct').map(({ key, headers }) => [key, headers['x-team']])).toEqual([[SECOND_KEY, 'blue']]);
	await doce.call('settings/updateProviderConnection', { connectionId, delivery: 'sealed' });
	await until(() => token().startsWith('dpt_'));
	expect(token()).not.toBe(before);
	await say('Sealed');
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersTo('Sealed')).toHaveLength(1);
	await until(() => findInFiles(doce.dataDir, NEEDLES).length === 0);
});

test('a project that takes no copied keys refuses one in words, and holds none', async () => {
	const { project } = await doce.call('projects/setSealedOnly', { projectId, sealedOnly: true });
	expect(project.sealedOnly).toBe(true);
	await doce.call('settings/updateProviderConnection', { connectionId, delivery: 'direct' });
	const id = await say('Not with a copy');
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await error(id)).message).toContain('takes no copied keys');
	expect((await getProject(doce, projectId)).notices[0].message).toContain('takes no copied keys');
	await until(() => Object.keys(stored()).length === 0);
	expect(answersTo('Not with a copy')).toEqual([]);
	expect(findInFiles(doce.dataDir, NEEDLES)).toEqual([]);
	await doce.call('settings/updateProviderConnection', { connectionId, delivery: 'sealed' });
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersTo('Not with a copy')).toHaveLength(1);
	await doce.call('projects/setSealedOnly', { projectId, sealedOnly: false });
});

test('a token is worth nothing once the project stops, and the next start has another', async () => {
	const before = token();
	const address = JSON.parse(readFileSync(join(home(), 'opencode.json'), 'utf8')).provider.mine.options.baseURL;
	const body = JSON.stringify({ model: 'fake-1', messages: [{ role: 'user', content: 'stolen' }] });
	const call = `curl -s -m 9 -o /dev/null -w 'told %{http_code}' -H 'authorization: Bearer ${before}' -d '${body}' ${address}/chat/completions`;
	writeFileSync(join(doce.dataDir, 'projects', projectId, 'workspace/steal.sh'), call);
	expect(await agentRuns('sh steal.sh')).toContain('told 200');
	await doce.call('projects/stop', { projectId });
	await until(async () => (await getProject(doce, projectId)).status === 'stopped');
	expect(await agentRuns('sh steal.sh')).toContain('told 401');
	expect(token()).not.toBe(before);
});

test('a restart of doce keeps a running project, its token and its address', async () => {
	const before = token();
	await doce.kill();
	await doce.restart();
	await say('Still there');
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersTo('Still there')).toHaveLength(1);
	expect(token()).toBe(before);
});

test('a disconnect cuts the answer that is under way, at once and on both sides', async () => {
	const text = '{{slow 100}} {{long 150}}';
	const id = await say(text);
	await until(() => answersTo(text).length > 0);
	await doce.call('settings/disconnectProvider', { connectionId });
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await error(id)).message).toContain('not connected');
	expect(answersTo(text)).toHaveLength(1);
	await until(() => Object.keys(stored()).length === 0);
	connectionId = (await connect(doce, 'mine', `${llm.url}/v1`, { apiKey: SECOND_KEY })).id;
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersTo(text)).toHaveLength(2);
	await say('Connected again');
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersTo('Connected again')).toHaveLength(1);
});
