import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../../../../test/fakes/llm/fakeLlm.ts';
import { until } from '../../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../../test/harness/openCode.ts';
import { type OneProject, openOneProject } from '../../boot/testing/oneProject.ts';
import { createLogger } from '../../logger.ts';
import { plainModel } from '../../opencode/catalogModels.ts';
import { PACKAGE_OF_FORMAT } from '../../opencode/config.ts';
import { newOpenCodeMessageId, partIdOf } from '../../opencode/ids.ts';
import { Secret } from '../../secret.ts';
import { noteDirectUse, noteInterruptedUse } from './directUse.ts';

const KEY = 'sk-good-0123456789abcdef';
const logger = createLogger('silent');
let llm: FakeLlm;
let server: OpenCodeUnderTest;
let one: OneProject;
let sessionId: string;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	const npm = PACKAGE_OF_FORMAT['chat-completions'];
	const models = [plainModel('acme-1')];
	server = await startOpenCode({ providers: [{ providerId: 'acme', npm, baseURL: `${llm.url}/v1`, models }] });
	await server.openCode.setCredential('acme', { type: 'api', key: new Secret(KEY) });
	one = await openOneProject();
});

beforeEach(async () => {
	sessionId = await server.openCode.createSession('p', 'Counted');
	llm.requests.length = 0;
	await one.db.deleteFrom('usage_records').execute();
});

afterAll(async () => {
	await one?.close();
	await server?.destroy();
	await llm?.close();
});

async function ask(text: string) {
	const messageId = newOpenCodeMessageId(Date.now());
	const prompt = { sessionId, messageId, partId: partIdOf(messageId), text, providerId: 'acme', modelId: 'acme-1' };
	await server.openCode.sendPrompt(prompt);
	const connection = { id: 'c1', delivery: 'direct', provider_id: 'acme' } as never;
	const serving = { connection, providerId: 'acme', modelId: 'acme-1', standsIn: false };
	return {
		openCode: server.openCode,
		sessionId,
		messageId,
		dead: new Set<string>(),
		project: await one.project(),
		serving,
	};
}

const idle = () => until(async () => (await server.openCode.busySessions()).length === 0, 30_000);
const answered = () => llm.requests.filter(({ status, toolNames }) => status === 200 && toolNames.length > 0).length;
const recorded = async () => (await one.db.selectFrom('usage_records').selectAll().execute()).length;
const helper = (prompt: string) =>
	`{{tool task {"description":"help","prompt":"${prompt}","subagent_type":"general"}}}`;

test('what sub-agents took counts with their turn, once, and not with the next one', async () => {
	const turn = await ask(helper('Look at the pages'));
	await until(() => answered() === 3, 30_000);
	await idle();
	expect(llm.requests.map(({ userText }) => userText)).toContain('Look at the pages');
	await noteDirectUse(one.db, turn);
	await noteDirectUse(one.db, turn);
	expect(await recorded()).toBe(3);
	const rows = await one.db.selectFrom('usage_records').select(['connection_id', 'input_tokens']).execute();
	for (const row of rows) expect(row).toEqual({ connection_id: 'c1', input_tokens: expect.any(Number) });

	await one.db.deleteFrom('usage_records').execute();
	const next = await ask('And now?');
	await until(() => answered() === 4, 30_000);
	await idle();
	await noteDirectUse(one.db, next);
	expect(await recorded()).toBe(1);
});

test('an earlier try at the same message, and who helped with it, is left out', async () => {
	const turn = await ask(helper('Look at them again'));
	await until(() => answered() === 3, 30_000);
	await idle();
	const answers = (await server.openCode.listMessages(sessionId)).filter(({ message }) => message.role === 'assistant');
	await noteDirectUse(one.db, { ...turn, dead: new Set(answers.map(({ message }) => message.id)) });
	expect(await recorded()).toBe(0);
});

test('of a turn that is stopped the answers that were finished are on record', async () => {
	const turn = await ask('{{bash true}} {{slow 40}} {{long 2000}}');
	await until(() => llm.requests.filter(({ toolNames }) => toolNames.length > 0).length === 2, 30_000);
	await server.openCode.abort(sessionId);
	await noteInterruptedUse({ db: one.db, logger }, turn, { waits: true });
	expect(await server.openCode.busySessions()).toEqual([]);
	expect(await recorded()).toBe(1);
});

test('an OpenCode that is gone keeps no turn from its end', async () => {
	const turn = await ask('Hello');
	await idle();
	const openCode = { ...server.openCode, listMessages: () => Promise.reject(new Error('gone')) };
	await noteInterruptedUse({ db: one.db, logger }, { ...turn, openCode }, { waits: false });
	expect(await recorded()).toBe(0);
});
