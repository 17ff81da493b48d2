import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, startDoce, until } from '../test/harness/doce.ts';
import { connect, getProject, KEY, untilBuilt, untilPrompt } from '../test/harness/project.ts';

const NEW_KEY = 'sk-new-key-0987654321';
let doce: Doce;
let own: FakeLlm;
let other: FakeLlm;
let projectId: string;
let ownId: string;
let otherId: string;

beforeAll(async () => {
	[own, other] = await Promise.all([startFakeLlm({ keys: [KEY] }), startFakeLlm({ keys: [KEY] })]);
	doce = await startDoce();
	const models = { models: [{ id: 'sonnet-1' }] };
	ownId = (await connect(doce, 'own', `${own.url}/v1`, models)).id;
	otherId = (await connect(doce, 'other', `${other.url}/v1`, models)).id;
	({ projectId } = await doce.call('projects/create', { prompt: 'Begin', providerId: 'own' }));
	await untilBuilt(doce, projectId);
});

afterAll(async () => {
	await doce?.destroy();
	await Promise.all([own?.close(), other?.close()]);
});

beforeEach(async () => {
	own.setKeys([KEY, NEW_KEY]);
	other.setKeys([KEY]);
	for (const connectionId of [ownId, otherId]) await doce.call('settings/testProviderConnection', { connectionId });
	await until(async () => (await openJobs()).length === 0);
});

const say = async (text: string): Promise<string> => (await doce.call('chat/send', { projectId, text })).messageId;
const mode = (value: string) => doce.call('projects/setFallback', { projectId, mode: value });
const answersOf = (llm: FakeLlm, text: string) =>
	llm.requests.filter((call) => call.userText === text && call.status === 200);

async function openJobs(): Promise<{ state: string }[]> {
	const { jobs } = await doce.call('queue/list', { projectId });
	return jobs.filter(({ state }: { state: string }) => ['queued', 'running', 'waiting_for_credential'].includes(state));
}

async function message(id: string) {
	const { messages } = await doce.call('chat/messages', { projectId });
	return messages.find((each: { id: string }) => each.id === id);
}

async function connection(id: string) {
	const { connections } = await doce.call('settings/getProviderConnections');
	return connections.find((each: { id: string }) => each.id === id);
}

async function actions(): Promise<string[]> {
	const { entries } = await doce.call('audit/list', { projectId });
	return entries.map(({ action }: { action: string }) => action);
}

test('a prompt sent while the key is dead waits, also across a restart, and is answered once after the key is replaced', async () => {
	await mode('off');
	own.setKeys([NEW_KEY]);
	const id = await say('Once, please');
	const behind = await say('And this after it');
	await untilPrompt(doce, projectId, 'queued');
	await until(async () => (await openJobs()).some(({ state }) => state === 'waiting_for_credential'));
	expect((await message(id)).error).toMatchObject({ kind: 'waiting', reason: 'key_rejected', connectionId: ownId });
	expect((await message(id)).error.message).toContain('own rejected the key. Replace the key');
	expect(await connection(ownId)).toMatchObject({
		status: 'error',
		reason: 'key_rejected',
		problemProjectId: projectId,
	});

	await doce.stop();
	await doce.restart();
	expect((await openJobs()).some(({ state }) => state === 'waiting_for_credential')).toBe(true);
	await doce.call('settings/updateProviderConnection', { connectionId: ownId, apiKey: NEW_KEY });
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersOf(own, 'Once, please')).toHaveLength(1);
	expect(answersOf(own, 'And this after it')).toHaveLength(1);
	expect((await message(id)).error).toBeUndefined();
	expect((await message(behind)).error).toBeUndefined();
	expect(answersOf(other, 'Once, please')).toHaveLength(0);
	expect(await connection(ownId)).toMatchObject({ status: 'connected', reason: null, problemAt: null });
	expect(await actions()).toContain('credential.parked');
});

test('with automatic fallback the next provider answers, and the project returns when its own works again', async () => {
	await mode('automatic');
	own.setKeys([]);
	const id = await say('Somebody answer');
	await untilPrompt(doce, projectId, 'succeeded');
	const refusal = own.requests.find((call) => call.userText === 'Somebody answer');
	const [answer] = answersOf(other, 'Somebody answer');
	expect(refusal?.status).toBe(401);
	console.info(`fallback: answered ${(answer?.at ?? 0) - (refusal?.at ?? 0)} ms after the refusal`);
	expect((await message(id)).note).toMatch(/own rejected the key\. other .* answers instead/);
	expect((await getProject(doce, projectId)).standIn).toMatchObject({ connectionId: otherId, providerId: 'other' });

	await say('Still the other');
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersOf(other, 'Still the other')).toHaveLength(1);
	own.setKeys([NEW_KEY]);
	await doce.call('settings/testProviderConnection', { connectionId: ownId });
	await until(async () => (await getProject(doce, projectId)).standIn === null);
	await say('Home again');
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersOf(own, 'Home again')).toHaveLength(1);
	expect(await actions()).toEqual(expect.arrayContaining(['credential.fallback', 'credential.returned']));
});

test('a fallback never goes round: when nobody serves, the prompt waits for its own provider', async () => {
	await mode('automatic');
	own.setKeys([]);
	other.setKeys([]);
	const id = await say('Anybody');
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await message(id)).error).toMatchObject({ kind: 'waiting', connectionId: ownId });
	expect(other.requests.filter((call) => call.userText === 'Anybody')).toHaveLength(1);
	expect(own.requests.filter((call) => call.userText === 'Anybody')).toHaveLength(1);
	other.setKeys([KEY]);
	await doce.call('settings/testProviderConnection', { connectionId: otherId });
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersOf(other, 'Anybody')).toHaveLength(1);
});

test('asked first, the person decides who goes on', async () => {
	await mode('ask');
	own.setKeys([]);
	const id = await say('Ask me');
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await message(id)).error.offer).toMatchObject({ connectionId: otherId, providerName: 'other' });
	await doce.call('chat/continueWith', { projectId, connectionId: otherId });
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersOf(other, 'Ask me')).toHaveLength(1);
	expect((await message(id)).error).toBeUndefined();
});

test('once something of an answer was shown, nobody else goes on with it unasked', async () => {
	await mode('automatic');
	const text = '{{bash sleep 3}}';
	const id = await say(text);
	await until(async () => own.requests.some((call) => call.userText === text));
	own.setKeys([]);
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await message(id)).error.offer).toMatchObject({ connectionId: otherId });
	expect(other.requests.filter((call) => call.userText === text)).toHaveLength(0);
	await doce.call('chat/stop', { projectId });
	await until(async () => (await message(id)).error.kind === 'cancelled');
});

test.each([
	{ script: '{{status 402}}', reason: 'out_of_credit', status: 'error', words: 'out of credit' },
	{ script: '{{status 403}}', reason: 'key_rejected', status: 'error', words: 'rejected the key' },
	{ script: '{{status 429 3600}}', reason: 'rate_limited', status: 'connected', words: 'limiting requests' },
])('a $script from the wire is a status of its own, and parks', async ({ script, reason, status, words }) => {
	await mode('off');
	const text = `${script} ${reason}`;
	const id = await say(text);
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await message(id)).error).toMatchObject({ kind: 'waiting', reason });
	const row = await connection(ownId);
	expect(row).toMatchObject({ status, reason, problemProjectId: projectId });
	expect(row.errorMessage).toContain(words);
	if (reason === 'rate_limited') expect(Date.parse(row.retryAt)).toBeGreaterThan(Date.now() + 3_000_000);
	await doce.call('chat/stop', { projectId });
	await until(async () => (await openJobs()).length === 0);
	expect((await doce.call('settings/testProviderConnection', { connectionId: ownId })).ok).toBe(true);
	expect(await connection(ownId)).toMatchObject({ status: 'connected', reason: null });
});

test('a provider that is away is named so, and its prompt goes on by itself once it is back', async () => {
	await mode('off');
	const { port } = own;
	await own.close();
	const id = await say('Are you there');
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await message(id)).error).toMatchObject({ kind: 'waiting', reason: 'unreachable' });
	expect((await connection(ownId)).errorMessage).toContain('cannot be reached');
	own = await startFakeLlm({ keys: [KEY, NEW_KEY], port });
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersOf(own, 'Are you there')).toHaveLength(1);
});

test('a disconnected provider’s prompt waits, and goes on when it is connected again; receipts prove the removal', async () => {
	await mode('off');
	await doce.call('settings/disconnectProvider', { connectionId: ownId });
	const id = await say('Come back');
	await untilPrompt(doce, projectId, 'waiting_for_credential');
	expect((await message(id)).error).toMatchObject({ kind: 'waiting', reason: 'disconnected' });
	await until(async () => {
		const { receipts } = await doce.call('settings/listReceipts', { connectionId: ownId });
		return receipts[0]?.state === 'done';
	});
	const { receipts } = await doce.call('settings/listReceipts', { connectionId: ownId });
	expect(receipts[0]).toMatchObject({ kind: 'remove', projectId, detail: expect.stringContaining('no key') });
	ownId = (await connect(doce, 'own', `${own.url}/v1`, { models: [{ id: 'sonnet-1' }], apiKey: NEW_KEY })).id;
	await untilPrompt(doce, projectId, 'succeeded');
	expect(answersOf(own, 'Come back')).toHaveLength(1);
});
