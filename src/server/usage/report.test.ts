import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADA, BOB, type Fixture, openFixture } from '../auth/testing/fixture.ts';
import { daysBetween, periodAt } from './periods.ts';
import { costsThisMonth, reportedDays, reportUsage, totalUsage, usedSubjects } from './report.ts';
import { addRecord } from './testing/records.ts';

let fixture: Fixture;

beforeEach(async () => {
	fixture = await openFixture();
});

afterEach(() => fixture.close());

const at = (day: string, time = '12:00') => Date.parse(`${day}T${time}:00Z`);
const JANUARY = { from: '2026-01-01', to: '2026-01-31' };

async function addSome(): Promise<void> {
	const { db } = fixture;
	await addRecord(db, { at: at('2026-01-02'), usd: 0.5, input_tokens: 10, output_tokens: 3, reasoning_tokens: 2 });
	await addRecord(db, { at: at('2026-01-02', '23:59'), usd: 0.25, input_tokens: 5, cached_tokens: 7 });
	await addRecord(db, { at: at('2026-01-04'), usd: 2, project_id: 'p2', connection_id: 'c2', model_id: 'opus-1' });
	await addRecord(db, { at: at('2026-01-04'), usd: 9, user_id: BOB.id, project_id: 'p3', connection_id: 'c3' });
	await addRecord(db, { at: at('2026-02-01', '00:00'), usd: 4 });
}

const shown = async (by: Parameters<typeof reportUsage>[2], more = {}) =>
	(await reportUsage(fixture.db, { ...JANUARY, userId: ADA.id, ...more }, by)).map((row) => [row.id, row.priceUsd]);

test('a report adds up tokens and prices by day, the quiet days too', async () => {
	await addSome();
	const rows = await reportUsage(fixture.db, { userId: ADA.id, from: '2026-01-01', to: '2026-01-04' }, 'day');
	expect(rows.map(({ id, calls }) => [id, calls])).toEqual([
		['2026-01-01', 0],
		['2026-01-02', 2],
		['2026-01-03', 0],
		['2026-01-04', 1],
	]);
	expect(rows[1]).toEqual({
		id: '2026-01-02',
		calls: 2,
		inputTokens: 15,
		cachedTokens: 7,
		outputTokens: 3,
		reasoningTokens: 2,
		priceUsd: 0.75,
	});
});

test('by anything else the most expensive comes first', async () => {
	await addSome();
	expect(await shown('project')).toEqual([
		['p2', 2],
		['p1', 0.75],
	]);
	expect(await shown('connection')).toEqual([
		['c2', 2],
		['c1', 0.75],
	]);
	expect(await shown('model')).toEqual([
		['anthropic/opus-1', 2],
		['anthropic/sonnet-1', 0.75],
	]);
	expect(await shown('person', { userId: undefined })).toEqual([
		[BOB.id, 9],
		[ADA.id, 2.75],
	]);
});

test('a report is of one project or connection when that is asked', async () => {
	await addSome();
	expect(await shown('model', { projectId: 'p1' })).toEqual([['anthropic/sonnet-1', 0.75]]);
	expect(await shown('project', { connectionId: 'c2' })).toEqual([['p2', 2]]);
	expect(await totalUsage(fixture.db, { ...JANUARY, userId: ADA.id, projectId: 'p1' })).toMatchObject({
		calls: 2,
		priceUsd: 0.75,
	});
	expect(await totalUsage(fixture.db, { ...JANUARY, projectId: 'none' })).toMatchObject({ calls: 0, priceUsd: 0 });
});

test('what there is on record is what one can filter by', async () => {
	await addSome();
	expect(await usedSubjects(fixture.db, ADA.id)).toEqual({ projectIds: ['p1', 'p2'], connectionIds: ['c1', 'c2'] });
	expect((await usedSubjects(fixture.db, undefined)).projectIds).toEqual(['p1', 'p2', 'p3']);
});

test('a month costs what was used in it, by UTC', async () => {
	await addSome();
	const now = at('2026-01-31', '23:59');
	expect([...(await costsThisMonth(fixture.db, 'connection', ['c1', 'c2', 'c9'], now))]).toEqual([
		['c1', 0.75],
		['c2', 2],
	]);
	expect([...(await costsThisMonth(fixture.db, 'project', ['p1'], at('2026-02-28')))]).toEqual([['p1', 4]]);
	expect(await costsThisMonth(fixture.db, 'project', [], now)).toEqual(new Map());
});

test('a report is about the last thirty days unless it is told, and never about more than two years', () => {
	const now = at('2026-03-01', '00:30');
	expect(reportedDays({}, now)).toEqual({ from: '2026-01-31', to: '2026-03-01' });
	expect(reportedDays({ to: '2026-01-30' }, now)).toEqual({ from: '2026-01-01', to: '2026-01-30' });
	expect(reportedDays({ from: '2025-03-01' }, now)).toEqual({ from: '2025-03-01', to: '2026-03-01' });
	expect(() => reportedDays({ from: '2026-03-02' }, now)).toThrow(/after the last/);
	expect(() => reportedDays({ from: '2020-01-01' }, now)).toThrow(/two years/);
});

test('days and months are those of UTC, leap years and the turn of the year too', () => {
	expect(periodAt('day', at('2026-12-31', '23:59'))).toEqual({
		id: '2026-12-31',
		from: '2026-12-31',
		to: '2026-12-31',
		endsAt: at('2027-01-01', '00:00'),
	});
	expect(periodAt('month', at('2028-02-10'))).toEqual({
		id: '2028-02',
		from: '2028-02-01',
		to: '2028-02-29',
		endsAt: at('2028-03-01', '00:00'),
	});
	expect(periodAt('month', at('2026-12-31')).endsAt).toBe(at('2027-01-01', '00:00'));
	expect(daysBetween('2026-02-27', '2026-03-02')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02']);
	expect(daysBetween('2026-03-02', '2026-03-01')).toEqual([]);
});
