import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADA, MODEL } from '../../../test/fakes/legacyData.ts';
import { type FakeLlm, startFakeLlm } from '../../../test/fakes/llm/fakeLlm.ts';
import { until } from '../../../test/harness/doce.ts';
import { type OpenCodeUnderTest, startOpenCode } from '../../../test/harness/openCode.ts';
import { migrateToProviders } from '../auth/legacy/migration.ts';
import type { Refresher } from '../auth/refresh/refresher.ts';
import { plainModel } from '../opencode/catalogModels.ts';
import { newOpenCodeMessageId, partIdOf } from '../opencode/ids.ts';
import { confirmDelivery, planDelivery, sendCredentials } from '../projects/credentials/delivery.ts';
import type { Project } from '../projects/projects.ts';
import { type Fixture, openFixture } from './testing/fixture.ts';

let fixture: Fixture;
let llm: FakeLlm;
let server: OpenCodeUnderTest;
let project: Project;

beforeAll(async () => {
	fixture = await openFixture();
	await fixture.run();
	project = await fixture.projectNamed('Bäckerei');
	llm = await startFakeLlm({ keys: [ADA.key] });
	// The provider as the catalogue has it, but for its address: that is the loopback's.
	const openrouter = { providerId: 'openrouter', name: 'OpenRouter', npm: '@openrouter/ai-sdk-provider' };
	server = await startOpenCode({
		providers: [{ ...openrouter, baseURL: `${llm.url}/v1`, models: [plainModel(MODEL)] }],
	});
});

afterAll(async () => {
	await server?.destroy();
	await llm?.close();
	await fixture?.close();
});

const NOTHING_TO_RENEW: Refresher = { renew: async () => ({ kind: 'renewed', message: '' }) };

/** Returns whether there was anything to deliver. */
async function deliver(): Promise<boolean> {
	const services = { ...fixture, refresher: NOTHING_TO_RENEW };
	const plan = await planDelivery(services, project);
	if (plan.isCurrent) return false;
	await sendCredentials(services, project, server.openCode, plan);
	await confirmDelivery(fixture.db, project, plan, 'job');
	return true;
}

/** Asks the model of the imported project; returns its words. */
async function ask(text: string): Promise<string> {
	const { openCode } = server;
	const sessionId = await openCode.ensureSession(project.id, project.name);
	const messageId = newOpenCodeMessageId(Date.now());
	const ids = { sessionId, messageId, partId: partIdOf(messageId) };
	await openCode.sendPrompt({ ...ids, text, providerId: 'openrouter', modelId: project.current_model_id ?? '' });
	const answers = async () =>
		(await openCode.listMessages(sessionId)).filter(
			({ message }) => message.role === 'assistant' && message.parentId === messageId,
		);
	await until(async () => {
		const last = (await answers()).at(-1)?.message;
		return (
			last?.role === 'assistant' && last.completedAt !== null && !(await openCode.busySessions()).includes(sessionId)
		);
	}, 60_000);
	return (await answers())
		.flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')))
		.join('');
}

test('a project of somebody who has only the legacy key works through it', async () => {
	expect(await deliver()).toBe(true);
	const auth = JSON.parse(readFileSync(join(server.home, 'data/opencode/auth.json'), 'utf8'));
	expect(auth).toEqual({ openrouter: { type: 'api', key: ADA.key } });
	expect(await ask('hello')).toMatch(new RegExp(`^Done\\. model=${MODEL}`));
	const asked = llm.requests.filter(({ kind }) => kind === 'generate');
	expect(new Set(asked.map(({ key, model }) => `${key} ${model}`))).toEqual(new Set([`${ADA.key} ${MODEL}`]));
	expect(await deliver()).toBe(false);
});

test('after the upgrade the same project goes on with the connection', async () => {
	const before = llm.requests.length;
	const person = { id: project.user_id, role: 'member', actor: `user:${project.user_id}` } as const;
	const { connection } = await migrateToProviders(fixture, person);
	expect(await deliver()).toBe(true);
	await server.openCode.dispose();
	expect(await ask('and again')).toMatch(/^Done/);
	expect(llm.requests.slice(before).every(({ key, status }) => key === ADA.key && status === 200)).toBe(true);
	const held = await fixture.db.selectFrom('credential_deliveries').selectAll().execute();
	expect(held).toMatchObject([{ provider_id: 'openrouter', connection_id: connection?.id, state: 'delivered' }]);
});
