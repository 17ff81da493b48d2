import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../../../../test/fakes/llm/fakeLlm.ts';
import { until } from '../../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../../test/harness/openCode.ts';
import { connectSignIn, FAKE_ID, openSignIns, type SignInsUnderTest } from '../../../../test/harness/signIns.ts';
import { type ConnectionRow, findConnection, openSignIn } from '../../auth/connections.ts';
import { ADA } from '../../auth/testing/fixture.ts';
import { createGate } from '../../chat/gate.ts';
import { createLogger } from '../../logger.ts';
import { plainModel } from '../../opencode/catalogModels.ts';
import { newOpenCodeMessageId, partIdOf } from '../../opencode/ids.ts';
import { oauthPush } from '../../queue/handlers/oauthPush.ts';
import { oauthRefresh } from '../../queue/handlers/oauthRefresh.ts';
import type { HandlerServices } from '../../queue/handlers/services.ts';
import { createWorker, type Worker } from '../../queue/queue.worker.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { projectPaths } from '../paths.ts';
import { getProject, type Project } from '../projects.ts';
import { confirmDelivery, planDelivery, sendCredentials } from './delivery.ts';

const PROJECTS = 10;
/** Of the first token, in seconds: long enough to be delivered to all, and to be over during a turn. */
const FIRST_LIFE = 14;

let llm: FakeLlm;
let signIns: SignInsUnderTest;
const servers: OpenCodeUnderTest[] = [];
let projects: Project[];
let services: HandlerServices;
let worker: Worker;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [] });
	signIns = await openSignIns({ api: `${llm.url}/v1`, onKeys: (keys) => llm.setKeys(keys) });
	await signIns.worker.stop();
	const ids = Array.from({ length: PROJECTS }, (_, index) => `project-${index}`);
	projects = await Promise.all(ids.map(insertProject));
	// A few at a time: all at once they would only wait for each other.
	for (const some of [ids.slice(0, 5), ids.slice(5)]) servers.push(...(await Promise.all(some.map(startFor))));
	services = makeServices();
	const { db } = services;
	worker = createWorker({
		db,
		logger: createLogger('silent'),
		handlers: [oauthRefresh(services), oauthPush(services)],
	});
});

afterAll(async () => {
	await worker?.stop();
	await Promise.all(servers.map((server) => server.destroy()));
	await signIns?.close();
	await llm?.close();
});

test('ten projects of one account go past its end with one renewal, and no prompt notices', async () => {
	signIns.oauth.setLife(FIRST_LIFE);
	const row = await connectSignIn(signIns, ADA);
	signIns.oauth.setLife(3_600);
	const first = await accessOf(row);
	for (const [index, project] of projects.entries()) await deliver(project, at(index));
	await worker.start();

	// Half of them work on something that outlasts the token; the others come back to it later.
	const long = servers.map((_, index) => index).filter((index) => index % 2 === 0);
	const short = servers.map((_, index) => index).filter((index) => index % 2 === 1);
	const begun = await Promise.all(
		long.map((index) => prompt(index, `{{bash sleep ${FIRST_LIFE + 2}}} {{write after.txt y}}`)),
	);
	await Promise.all(short.map(async (index) => idle(index, await prompt(index, 'hello'))));
	await until(async () => (await accessOf(row)) !== first, 60_000);
	await until(async () => !(await isKnown(first)), 60_000);
	await Promise.all(short.map(async (index) => idle(index, await prompt(index, 'again, past the end'))));
	await Promise.all(long.map((index, nth) => idle(index, begun[nth] ?? '')));

	expect(signIns.oauth.requests).toEqual([{ grant: 'refresh_token', ok: true, reused: false }]);
	const generated = llm.requests.filter(({ kind }) => kind === 'generate');
	expect(generated.filter(({ status }) => status !== 200)).toEqual([]);
	const second = await accessOf(row);
	expect(second).not.toBe(first);
	const used = generated.map(({ key, userText }) => [
		key === first ? 'first' : key === second ? 'second' : key,
		userText,
	]);
	expect(new Set(used.filter(([, text]) => text?.includes('past the end')).map(([key]) => key))).toEqual(
		new Set(['second']),
	);
	expect(new Set(used.filter(([, text]) => text?.includes('sleep')).map(([key]) => key))).toEqual(
		new Set(['first', 'second']),
	);
	for (const index of long) expect(existsSync(join(at(index).workspace, 'after.txt'))).toBe(true);

	const deliveries = await services.db.selectFrom('credential_deliveries').select(['version', 'state']).execute();
	expect(deliveries).toEqual(projects.map(() => ({ version: 1, state: 'delivered' })));
	const { refresh } = await openSignIn(services.db, signIns.keyring, await current(row));
	for (const server of servers) {
		const stored = readFileSync(join(server.home, 'data/opencode/auth.json'), 'utf8');
		expect(JSON.parse(stored)[FAKE_ID]).toMatchObject({ type: 'oauth', access: second, refresh: '' });
		expect(stored).not.toContain(refresh?.reveal());
	}
});

async function deliver(project: Project, { openCode }: OpenCodeUnderTest): Promise<void> {
	const plan = await planDelivery(services, project);
	await sendCredentials(services, project, openCode, plan);
	await confirmDelivery(services.db, project, plan, 'job');
}

function at(index: number): OpenCodeUnderTest {
	const server = servers[index];
	if (server === undefined) throw new Error(`There is no server ${index}.`);
	return server;
}

function makeServices(): HandlerServices {
	const { fixture, keyring, live, refresher, broker } = signIns;
	const find: Runtime['find'] = async (id) => {
		const { host, port, password } = at(projects.findIndex((project) => project.id === id)).address;
		return { opencode: { host, port }, preview: { host, port }, password };
	};
	const catalog = { find: async () => undefined };
	const parts = {
		db: fixture.db,
		keyring,
		live,
		refresher,
		oauth: broker,
		dataDir: fixture.dir,
		runtime: { find },
		gate: createGate(),
		catalog,
	};
	return parts as unknown as HandlerServices;
}

async function insertProject(id: string): Promise<Project> {
	const { db } = signIns.fixture;
	const now = Date.now();
	const values = {
		id,
		user_id: ADA.id,
		name: id,
		slug: id,
		prompt: '',
		status: 'running' as const,
		runtime: 'process',
		current_model_provider_id: FAKE_ID,
		current_model_id: 'fake-1',
		last_active_at: now,
		created_at: now,
		updated_at: now,
	};
	await db.insertInto('projects').values(values).execute();
	return getProject(db, id);
}

function startFor(id: string): Promise<OpenCodeUnderTest> {
	const { home, workspace } = projectPaths(signIns.fixture.dir, id);
	const provider = { providerId: FAKE_ID, api: `${llm.url}/v1`, models: [plainModel('fake-1', 'Fake 1')] };
	return startOpenCode({ providers: [provider], plugins: [signIns.plugin], folders: { home, workspace } });
}

async function accessOf(row: ConnectionRow): Promise<string> {
	return (await openSignIn(services.db, signIns.keyring, await current(row))).access.reveal();
}

async function current(row: ConnectionRow): Promise<ConnectionRow> {
	return (await findConnection(services.db, row.id)) ?? row;
}

/** Whether the provider of the models takes this key. */
async function isKnown(key: string): Promise<boolean> {
	return (await fetch(`${llm.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).ok;
}

async function prompt(index: number, text: string): Promise<string> {
	const { openCode } = at(index);
	const sessionId = await openCode.ensureSession(`owner-${index}`, 'A test');
	const messageId = newOpenCodeMessageId(Date.now());
	const message = { sessionId, messageId, partId: partIdOf(messageId), text, providerId: FAKE_ID, modelId: 'fake-1' };
	await openCode.sendPrompt(message);
	return messageId;
}

/** Until this message has its answer. */
async function idle(index: number, messageId: string): Promise<void> {
	const { openCode } = at(index);
	const sessionId = await openCode.ensureSession(`owner-${index}`, 'A test');
	await until(async () => {
		const last = (await openCode.listMessages(sessionId)).at(-1)?.message;
		const isAnswer = last?.role === 'assistant' && last.parentId === messageId;
		return isAnswer && !(await openCode.busySessions()).includes(sessionId);
	}, 60_000);
}
