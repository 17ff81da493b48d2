import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAudit } from '../../audit/audit.ts';
import { type OneProject, openOneProject } from '../../boot/testing/oneProject.ts';
import { createLive } from '../../live/live.ts';
import type { OpenCodeMessage } from '../../opencode/message.ts';
import type { Serving } from '../../projects/serving.ts';
import { getProjectView } from '../../projects/views.ts';
import { RetryLater } from '../../queue/handler.ts';
import { listJobs } from '../../queue/jobs.ts';
import { setBudget } from '../../usage/budgetChanges.ts';
import { addRecord } from '../../usage/testing/records.ts';
import type { Ending } from '../answer.ts';
import { describeFailure, refusalOf } from '../failures.ts';
import { waitingWords } from '../waitingWords.ts';
import { usesOf } from './directUse.ts';
import { settleBudgets, stopByBudget } from './overBudget.ts';

let one: OneProject;
const catalog = { find: async () => undefined } as never;
const NOBODY: Serving = { connection: undefined, providerId: 'mine', modelId: 'm', standsIn: false };
const ANSWERED: Ending = { kind: 'answered' };

beforeEach(async () => {
	one = await openOneProject();
});

afterEach(() => one.close());

async function services() {
	const runtime = { keeps: [], isolation: { level: 'isolated' as const, reason: '' } };
	return { db: one.db, live: createLive(), catalog, runtime };
}

async function budget(limitUsd: number): Promise<void> {
	const { id, user_id } = await one.project();
	const person = { id: user_id, actor: 'doce' as const };
	await setBudget(one.db, person, { subject: 'project', subjectId: id, period: 'day', limitUsd });
}

const spend = (usd: number) => addRecord(one.db, { project_id: one.projectId, usd });
const opening = async () => ({ project: await one.project(), serving: NOBODY });
const refused = (error: { statusCode: number; message: string }): Ending => {
	const refusal = refusalOf({ name: 'APIError', ...error }, CONTEXT);
	if (refusal === undefined) throw new Error('It is no refusal.');
	return { kind: 'refused', refusal, shown: true };
};
const CONTEXT = { providerName: 'Mine', secrets: [], scrub: (text: string) => text, signedIn: false };
const USED_UP = 'This project has used its budget for today: $1.10 of $1.00.';
const GATEWAYS = { statusCode: 402, message: `${USED_UP} (doce: budget)` };

test('a prompt is stopped by a used-up budget, which is looked at again when it begins anew', async () => {
	await budget(1);
	expect(await stopByBudget(one.db, await opening())).toBeUndefined();
	await spend(1);
	const refusal = await stopByBudget(one.db, await opening());
	expect(refusal).toMatchObject({
		reason: 'over_budget',
		budget: { key: `budget:project:${one.projectId}`, subject: 'project' },
	});
	await stopByBudget(one.db, await opening());
	const jobs = await listJobs(one.db, { type: 'budget.recheck', limit: 9 });
	expect(jobs.map(({ run_at }) => run_at)).toEqual([expect.any(Number)]);
	expect(jobs[0]?.payload['until']).toBe(refusal?.retryAt);
});

test('a turn that ends well warns once at 80 %, and the project says so', async () => {
	await budget(1);
	await spend(0.85);
	const heard: string[] = [];
	const ready = await services();
	ready.live.subscribe({ userId: (await one.project()).user_id }, (event) => heard.push(event.type));
	expect(await settleBudgets(ready, await opening(), ANSWERED)).toBe(ANSWERED);
	await settleBudgets(ready, await opening(), ANSWERED);
	expect(heard).toEqual(['project.changed']);
	const entries = await listAudit(one.db, { projectId: one.projectId, limit: 9 });
	expect(entries.filter(({ action }) => action === 'budget.warned')).toHaveLength(1);
	const { notices, costThisMonth } = await getProjectView(ready, await one.project(), '');
	expect(notices).toContainEqual({
		level: 'warn',
		message: 'This project has used 85 % of its budget for today: $0.85 of $1.00.',
		action: 'budget',
	});
	expect(costThisMonth).toBe(0.85);
});

test('a turn that ends for want of a budget says so, and not that the account is out of credit', async () => {
	await budget(1);
	await spend(1.1);
	expect(await settleBudgets(await services(), await opening(), refused(GATEWAYS))).toMatchObject({
		kind: 'refused',
		shown: true,
		refusal: { reason: 'over_budget', budget: { subject: 'project' } },
	});
	expect(describeFailure({ name: 'APIError', ...GATEWAYS }, CONTEXT)).toEqual({
		kind: 'provider',
		message: USED_UP,
	});
	const other = refused({ statusCode: 402, message: 'insufficient credits' });
	expect(other).toMatchObject({ refusal: { reason: 'out_of_credit' } });
});

test('a failure without a budget stays what it is', async () => {
	const failed = refused({ statusCode: 401, message: 'no' });
	expect(await settleBudgets(await services(), await opening(), failed)).toBe(failed);
});

test('a budget that has just begun anew is asked again a little later', async () => {
	await expect(settleBudgets(await services(), await opening(), refused(GATEWAYS))).rejects.toBeInstanceOf(RetryLater);
});

test('what a message waits for is said in words, with who else could answer', () => {
	const refusal = { reason: 'over_budget' as const, message: 'It is used up.', retryAt: null };
	expect(waitingWords(refusal, undefined)).toBe(
		'It is used up. Your message is kept, and sent by itself when the budget is raised or begins anew.',
	);
	expect(waitingWords(refusal, 'Mistral')).toMatch(/You can also continue with Mistral\.$/);
});

test('of a turn with the key itself each ended answer counts once, those of earlier tries not at all', async () => {
	const project = await one.project();
	const tokens = { input: 5, output: 3, reasoning: 2, cache: { read: 7, write: 1 } };
	const message = (id: string, more: Partial<OpenCodeMessage> = {}) => ({
		parts: [],
		message: {
			role: 'assistant' as const,
			id,
			sessionId: 's',
			parentId: 'p',
			providerId: 'mine',
			modelId: 'm',
			cost: 0.25,
			tokens,
			finish: 'stop',
			error: null,
			createdAt: 1_000,
			completedAt: 3_500,
			...more,
		} as OpenCodeMessage & { role: 'assistant' },
	});
	const empty = { ...tokens, input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };
	const answers = [
		message('dead'),
		message('open', { completedAt: null }),
		message('empty', { tokens: empty } as Partial<OpenCodeMessage>),
		message('done'),
	];
	expect(usesOf(answers, { project, connectionId: 'c1', dead: new Set(['dead']) })).toEqual([
		{
			answerId: 'done',
			at: 3_500,
			durationMs: 2_500,
			userId: project.user_id,
			projectId: project.id,
			connectionId: 'c1',
			providerId: 'mine',
			modelId: 'm',
			tokens: { input: 6, cached: 7, output: 3, reasoning: 2 },
			priceUsd: 0.25,
		},
	]);
});
