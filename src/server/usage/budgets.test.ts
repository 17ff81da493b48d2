import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAudit } from '../audit/audit.ts';
import { connectProvider } from '../auth/providers.ts';
import { ADA, ANTHROPIC, BOB, directoryOf, type Fixture, openFixture } from '../auth/testing/fixture.ts';
import { enqueue } from '../queue/enqueue.ts';
import { getJob, listJobs } from '../queue/jobs.ts';
import { forgetBudgets, listBudgets, removeBudget, setBudget } from './budgetChanges.ts';
import { budgetRefusal, budgetsOf, findUsedUp, warnOfBudgets } from './budgets.ts';
import { periodAt } from './periods.ts';
import { addRecord } from './testing/records.ts';

let fixture: Fixture;

beforeEach(async () => {
	fixture = await openFixture();
});

afterEach(() => fixture.close());

const USE = { projectId: 'p1', connectionId: 'c1' };
const budget = (limitUsd: number, more: Partial<Parameters<typeof setBudget>[2]> = {}) =>
	setBudget(fixture.db, ADA, { subject: 'project', subjectId: 'p1', period: 'day', limitUsd, ...more });
const spend = (usd: number, more = {}) => addRecord(fixture.db, { usd, ...more });
const refusal = (more = {}) => budgetRefusal(fixture.db, { ...USE, ...more });
const audited = async () => (await listAudit(fixture.db, { userId: ADA.id, limit: 20 })).map(({ action }) => action);
/** In the midst of a month: the day before is in it, and the day ends before it does. */
const NOON = Date.UTC(2026, 9, 15, 12);
const DAY = 86_400_000;

async function park(waitsFor: string): Promise<string> {
	const { jobId } = await enqueue(fixture.db, { type: 'chat.sendPrompt', payload: {}, userId: ADA.id });
	await fixture.db
		.updateTable('jobs')
		.set({ state: 'waiting_for_credential', waiting_for_connection_id: waitsFor })
		.where('id', '=', jobId)
		.execute();
	return jobId;
}

test('without a budget anything may be spent', async () => {
	await spend(1_000);
	expect(await refusal()).toBeUndefined();
	expect(await warnOfBudgets(fixture.db, USE)).toBe(false);
});

test('a budget stops at its limit, and says what was used of what', async () => {
	await budget(5);
	await spend(4.99);
	expect(await refusal()).toBeUndefined();
	await spend(0.03);
	expect(await refusal()).toBe('This project has used its budget for today: $5.02 of $5.00.');
	expect(await refusal({ projectId: 'p2' })).toBeUndefined();
});

test('what was used yesterday counts for the month alone', async () => {
	await budget(5);
	await spend(6, { at: NOON - DAY });
	expect(await refusal({ now: NOON })).toBeUndefined();
	await budget(6, { period: 'month' });
	expect(await refusal({ now: NOON })).toMatch(/for this month: \$6\.00 of \$6\.00/);
	const later = periodAt('month', NOON).endsAt;
	expect(await refusal({ now: later })).toBeUndefined();
});

test('a connection’s budget counts all projects that use it, and is called by its label', async () => {
	const deps = { db: fixture.db, keyring: await fixture.openKeys(), directory: directoryOf(ANTHROPIC) };
	const key = { providerId: 'anthropic', authType: 'api' as const, apiKey: 'sk-some-key-1234567890' };
	const { id } = await connectProvider(deps, ADA, { ...key, label: 'Work', skipTest: true });
	await budget(1, { subject: 'connection', subjectId: id, period: 'month' });
	await spend(0.6, { connection_id: id });
	await spend(0.6, { connection_id: id, project_id: 'p2' });
	expect(await refusal({ connectionId: id })).toBe(
		'The connection “Work” has used its budget for this month: $1.20 of $1.00.',
	);
	expect(await refusal({ connectionId: 'another' })).toBeUndefined();
	expect(await refusal({ connectionId: undefined })).toBeUndefined();
});

test('of several that are used up the one that opens last is named', async () => {
	await budget(1);
	await budget(2, { period: 'month' });
	await spend(3, { at: NOON });
	expect((await findUsedUp(fixture.db, { ...USE, now: NOON }))?.budget.period).toBe('month');
});

test('a person is warned at 80 %, once in a period, and again after the budget was changed', async () => {
	await budget(10);
	await spend(7.99);
	expect(await warnOfBudgets(fixture.db, USE)).toBe(false);
	await spend(0.02);
	expect(await warnOfBudgets(fixture.db, USE)).toBe(true);
	expect(await warnOfBudgets(fixture.db, USE)).toBe(false);
	expect((await budgetsOf(fixture.db, USE))[0]?.state).toBe('warned');
	const [entry] = await listAudit(fixture.db, { userId: ADA.id, limit: 1 });
	expect(entry).toMatchObject({ action: 'budget.warned', projectId: 'p1', detail: { spentUsd: 8.01, limitUsd: 10 } });
	const [job] = await listJobs(fixture.db, { type: 'budget.recheck', limit: 5 });
	expect(job).toMatchObject({ run_at: expect.any(Number), payload: { subject: 'project', subjectId: 'p1' } });
	expect(job?.payload['until']).toBe(periodAt('day', Date.now()).endsAt);
	await budget(9);
	expect(await warnOfBudgets(fixture.db, USE)).toBe(true);
	expect(await listJobs(fixture.db, { type: 'budget.recheck', limit: 5 })).toHaveLength(1);
});

test('raising or removing a budget brings back what waits for it, and nothing else', async () => {
	await budget(1);
	const ours = await park('budget:project:p1');
	const others = await park('budget:project:p2');
	const { id } = await budget(2);
	expect((await getJob(fixture.db, ours)).state).toBe('queued');
	expect((await getJob(fixture.db, others)).state).toBe('waiting_for_credential');
	const again = await park('budget:project:p1');
	await removeBudget(fixture.db, ADA, id);
	expect((await getJob(fixture.db, again)).state).toBe('queued');
	expect(await audited()).toEqual(['budget.removed', 'budget.set', 'budget.set']);
});

test('one budget for a subject and period: setting it again changes it', async () => {
	const first = await budget(1);
	const second = await budget(0.123456789);
	expect(second.id).toBe(first.id);
	expect(second.limit_micro_usd).toBe(123_457);
	await budget(3, { period: 'month' });
	await budget(3, { subject: 'connection', subjectId: 'c1' });
	expect(await listBudgets(fixture.db, ADA.id)).toHaveLength(3);
	expect(await listBudgets(fixture.db, ADA.id, { subject: 'project', subjectId: 'p1' })).toHaveLength(2);
	expect(await listBudgets(fixture.db, BOB.id)).toEqual([]);
});

test('nobody removes another person’s budget', async () => {
	const { id } = await budget(1);
	await expect(removeBudget(fixture.db, BOB, id)).rejects.toMatchObject({ code: 'not_found' });
	expect(await listBudgets(fixture.db, ADA.id)).toHaveLength(1);
});

test('what is gone has no budget, and nothing waits for it', async () => {
	await budget(1);
	const jobId = await park('budget:project:p1');
	await forgetBudgets(fixture.db, 'project', 'p1');
	expect(await listBudgets(fixture.db, ADA.id)).toEqual([]);
	expect((await getJob(fixture.db, jobId)).state).toBe('queued');
});
