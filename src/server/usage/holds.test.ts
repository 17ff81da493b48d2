import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADA, type Fixture, openFixture } from '../auth/testing/fixture.ts';
import { setBudget } from './budgetChanges.ts';
import { createHolds, type Hold, type Holds } from './holds.ts';
import { addRecord } from './testing/records.ts';

let fixture: Fixture;
let holds: Holds;

beforeEach(async () => {
	fixture = await openFixture();
	holds = createHolds();
	await setBudget(fixture.db, ADA, { subject: 'project', subjectId: 'p1', period: 'day', limitUsd: 10 });
	await addRecord(fixture.db, { usd: 3 });
});

afterEach(() => fixture.close());

const nothing = async (): Promise<void> => undefined;
const callFor = (usd: number, more: Partial<Hold> = {}): Hold => ({
	projectId: 'p1',
	connectionId: 'c1',
	price: () => usd * 1_000_000,
	...more,
});
const take = (hold: Hold, settle = nothing) => holds.takeIfRoom(fixture.db, hold, settle);

test('of calls at once only so many go as the budget has left, and the rest when one of them has ended', async () => {
	const calls = [4, 4, 4, 4].map((usd) => callFor(usd));
	const answers = await Promise.all(calls.map((call) => take(call)));
	expect(answers.map((withheld) => withheld?.kind)).toEqual([undefined, undefined, 'held', 'held']);
	holds.release(calls[0] as Hold);
	expect(await take(calls[3] as Hold)).toBeUndefined();
});

test('alone a call goes as long as anything is left, whatever it may cost', async () => {
	expect(await take(callFor(1_000))).toBeUndefined();
	expect((await take(callFor(0)))?.kind).toBe('held');
});

test('a used-up budget is told as that, whatever is held', async () => {
	await addRecord(fixture.db, { usd: 7 });
	expect(await take(callFor(1))).toEqual({
		kind: 'used_up',
		message: 'This project has used its budget for today: $10.00 of $10.00.',
	});
});

test('only calls of the budget’s own project or connection count', async () => {
	holds.take(callFor(100, { projectId: 'p2' }));
	expect(await take(callFor(1))).toBeUndefined();
	await setBudget(fixture.db, ADA, { subject: 'connection', subjectId: 'c1', period: 'month', limitUsd: 50 });
	expect((await take(callFor(1)))?.kind).toBe('held');
	expect(await take(callFor(1, { connectionId: 'c2' }))).toBeUndefined();
});

test('what ends while it is looked still counts: its record may have come too late', async () => {
	const ending = callFor(8);
	holds.take(ending);
	expect((await take(callFor(1), async () => holds.release(ending)))?.kind).toBe('held');
	expect(await take(callFor(1))).toBeUndefined();
});
