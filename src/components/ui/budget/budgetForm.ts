import { type BudgetPeriod, type BudgetView, usdWords } from '#shared/usage.ts';

/** What a person typed, by period; empty for no budget. */
export type BudgetForm = Record<BudgetPeriod, string>;

export const PERIODS: { period: BudgetPeriod; label: string }[] = [
	{ period: 'day', label: 'Each day, in US dollars' },
	{ period: 'month', label: 'Each month, in US dollars' },
];

export type Change = { kind: 'set'; period: BudgetPeriod; limitUsd: number } | { kind: 'remove'; budgetId: string };

export function toForm(budgets: readonly BudgetView[]): BudgetForm {
	const text = (period: BudgetPeriod): string => String(find(budgets, period)?.limitUsd ?? '');
	return { day: text('day'), month: text('month') };
}

/** What is to be done for a period, or what is wrong with what was typed; null where nothing changes. */
export function changeOf(
	budgets: readonly BudgetView[],
	form: BudgetForm,
	period: BudgetPeriod,
): Change | { kind: 'wrong'; words: string } | null {
	const known = find(budgets, period);
	// A comma is how much of the world writes the point.
	const text = form[period]
		.trim()
		.replace(/^\$\s*/, '')
		.replace(',', '.');
	if (text === '') return known === undefined ? null : { kind: 'remove', budgetId: known.id };
	const limitUsd = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
	if (!(limitUsd > 0)) return { kind: 'wrong', words: 'Give an amount such as 5 or 0.50, or leave it empty.' };
	return limitUsd === known?.limitUsd ? null : { kind: 'set', period, limitUsd };
}

/** What the present day or month has used. */
export function usedWords(budgets: readonly BudgetView[], period: BudgetPeriod): string {
	const known = find(budgets, period);
	const when = period === 'day' ? 'today' : 'this month';
	if (known === undefined) return 'No limit. Counted by UTC.';
	const share = Math.floor((known.spentUsd / known.limitUsd) * 100);
	return `${usdWords(known.spentUsd)} used ${when} (${share} %). Counted by UTC.`;
}

function find(budgets: readonly BudgetView[], period: BudgetPeriod): BudgetView | undefined {
	return budgets.find((budget) => budget.period === period);
}
