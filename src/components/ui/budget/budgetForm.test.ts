import { expect, test } from 'vitest';
import type { BudgetView } from '#shared/usage.ts';
import { changeOf, toForm, usedWords } from './budgetForm.ts';

const DAY: BudgetView = {
	id: 'b1',
	subject: 'project',
	subjectId: 'p1',
	subjectName: 'Bakery',
	period: 'day',
	limitUsd: 5,
	spentUsd: 4.15,
	state: 'warned',
	endsAt: '2026-01-02T00:00:00.000Z',
};
const change = (day: string, budgets = [DAY]) => changeOf(budgets, { day, month: '' }, 'day');

test('the form shows what is set, and nothing for what is not', () => {
	expect(toForm([DAY])).toEqual({ day: '5', month: '' });
	expect(usedWords([DAY], 'day')).toBe('$4.15 used today (83 %). Counted by UTC.');
	expect(usedWords([DAY], 'month')).toBe('No limit. Counted by UTC.');
});

test('only what was changed is saved', () => {
	expect(change('5')).toBeNull();
	expect(change('5.00')).toBeNull();
	expect(change(' $ 7,5 ')).toEqual({ kind: 'set', period: 'day', limitUsd: 7.5 });
	expect(change('')).toEqual({ kind: 'remove', budgetId: 'b1' });
	expect(change('', [])).toBeNull();
	expect(change('0.01', [])).toEqual({ kind: 'set', period: 'day', limitUsd: 0.01 });
});

test.each(['0', '-1', 'ten', '1e3', '1.2.3', 'Infinity'])('%s is no amount', (text) => {
	expect(change(text)).toMatchObject({ kind: 'wrong' });
});
