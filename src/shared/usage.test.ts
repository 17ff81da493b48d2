import { expect, test } from 'vitest';
import { setBudgetInput, usageFilter, usdWords } from './usage.ts';

test.each([
	[0, '$0.00'],
	[5, '$5.00'],
	[1234.5, '$1,234.50'],
	[0.129, '$0.13'],
	[0.05, '$0.05'],
	[0.0042, '$0.0042'],
	[0.000001, '$0.000001'],
	[0.1, '$0.10'],
])('%d dollars are written %s', (usd, words) => {
	expect(usdWords(usd)).toBe(words);
});

test('a day is one of the calendar', () => {
	expect(usageFilter.safeParse({ from: '2028-02-29' }).success).toBe(true);
	for (const from of ['2026-02-30', '2026-1-1', 'today', '2026-01-01T00:00:00Z', ''])
		expect(usageFilter.safeParse({ from }).success).toBe(false);
});

test('a budget is an amount of money', () => {
	const budget = { subject: 'project', subjectId: 'p1', period: 'day' };
	expect(setBudgetInput.safeParse({ ...budget, limitUsd: 5 }).success).toBe(true);
	for (const limitUsd of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2_000_000, '5', null])
		expect(setBudgetInput.safeParse({ ...budget, limitUsd }).success).toBe(false);
});
