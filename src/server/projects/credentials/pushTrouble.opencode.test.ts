import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../../test/harness/openCode.ts';
import { connectSignIn, FAKE_ID, openSignIns, type SignInsUnderTest } from '../../../../test/harness/signIns.ts';
import { type ConnectionRow, findConnection, openSignIn } from '../../auth/connections.ts';
import { ADA } from '../../auth/testing/fixture.ts';
import { createGate } from '../../chat/gate.ts';
import { plainModel } from '../../opencode/catalogModels.ts';
import type { JobContext } from '../../queue/handler.ts';
import { oauthPush } from '../../queue/handlers/oauthPush.ts';
import type { HandlerServices } from '../../queue/handlers/services.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { projectPaths } from '../paths.ts';
import { getProject, type Project } from '../projects.ts';
import { confirmDelivery, listDeliveries, planDelivery, sendCredentials } from './delivery.ts';
import { pushRenewed } from './push.ts';

const ID = 'project-1';

let signIns: SignInsUnderTest;
let server: OpenCodeUnderTest;
let services: HandlerServices;
let project: Project;
let row: ConnectionRow;
let first: string;
let port: number;

beforeEach(async () => {
	signIns = await openSignIns();
	await signIns.worker.stop();
	const { home, workspace } = projectPaths(signIns.fixture.dir, ID);
	const provider = { providerId: FAKE_ID, api: 'http://127.0.0.1:9/v1', models: [plainModel('fake-1', 'Fake 1')] };
	server = await startOpenCode({ providers: [provider], plugins: [signIns.plugin], folders: { home, workspace } });
	port = server.address.port;
	services = makeServices();
	project = await insertProject();
	row = await connectSignIn(signIns, ADA);
	first = await access();
	await deliver();
});

afterEach(async () => {
	await server?.destroy();
	await signIns?.close();
});

test('a push that fails is made good by the next delivery', async () => {
	const since = Date.now();
	await signIns.refresher.renew(row.id, { early: true });
	port = await freePort();
	const context = {
		job: { id: 'job', created_at: 0 },
		log: async () => undefined,
		withoutSlot: <T>(work: () => Promise<T>) => work(),
	};
	const follow = await oauthPush(services).run({ connectionId: row.id, since }, context as unknown as JobContext);
	expect(follow).toEqual([{ type: 'credentials.deliver', payload: { projectId: ID }, projectId: ID }]);
	expect(stored()).toBe(first);

	port = server.address.port;
	expect((await planDelivery(services, project)).isCurrent).toBe(false);
	await deliver();
	expect(stored()).toBe(await access());
	expect(stored()).not.toBe(first);
});

test('a push waits for its turn at the project, and brings nothing to one that holds another account by then', async () => {
	const turn = Promise.withResolvers<void>();
	const inside = services.gate.exclusive(ID, () => turn.promise);
	const since = Date.now();
	await signIns.refresher.renew(row.id, { early: true });
	const pushing = pushRenewed(services, { connectionId: row.id, since, jobId: 'job' });
	await Promise.race([pushing, pause(1_000)]);
	expect(stored()).toBe(first);
	await services.db.updateTable('credential_deliveries').set({ connection_id: 'another' }).execute();
	turn.resolve();
	await inside;
	expect(await pushing).toEqual({ reached: 0, open: [] });
	expect(stored()).toBe(first);
});

test('a push does not bring back what was taken out of a project before its turn came', async () => {
	const turn = Promise.withResolvers<void>();
	const inside = services.gate.exclusive(ID, async () => {
		await turn.promise;
		await server.openCode.removeCredential(FAKE_ID);
		await services.db.deleteFrom('credential_deliveries').execute();
	});
	const pushing = pushRenewed(services, { connectionId: row.id, since: Date.now(), jobId: 'job' });
	await Promise.race([pushing, pause(1_000)]);
	turn.resolve();
	await inside;
	expect(await pushing).toEqual({ reached: 0, open: [] });
	expect(stored()).toBeUndefined();
	expect(await listDeliveries(services.db, ID)).toEqual([]);
});

async function deliver(): Promise<void> {
	const plan = await planDelivery(services, project);
	await sendCredentials(services, project, server.openCode, plan);
	await confirmDelivery(services.db, project, plan, 'job');
}

/** The access token in the project's OpenCode. */
function stored(): string | undefined {
	return JSON.parse(readFileSync(join(server.home, 'data/opencode/auth.json'), 'utf8'))[FAKE_ID]?.access;
}

async function access(): Promise<string> {
	const now = await findConnection(services.db, row.id);
	return (await openSignIn(services.db, signIns.keyring, now ?? row)).access.reveal();
}

function makeServices(): HandlerServices {
	const { fixture, keyring, live, refresher } = signIns;
	const { host, password } = server.address;
	const find: Runtime['find'] = async () => ({ opencode: { host, port }, preview: { host, port }, password });
	const catalog = { find: async () => undefined };
	const parts = { db: fixture.db, keyring, live, refresher, dataDir: fixture.dir, runtime: { find }, catalog };
	return { ...parts, gate: createGate() } as unknown as HandlerServices;
}

async function insertProject(): Promise<Project> {
	const { db } = signIns.fixture;
	const now = Date.now();
	const facts = { id: ID, user_id: ADA.id, name: ID, slug: ID, prompt: '', runtime: 'process' };
	const model = { current_model_provider_id: FAKE_ID, current_model_id: 'fake-1' };
	const times = { last_active_at: now, created_at: now, updated_at: now };
	await db
		.insertInto('projects')
		.values({ ...facts, ...model, ...times, status: 'running' })
		.execute();
	return getProject(db, ID);
}
