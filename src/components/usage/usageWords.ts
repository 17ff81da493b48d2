import type { UsageGrouping, UsageSums } from '#shared/usage.ts';

export const GROUPING_WORDS: Record<UsageGrouping, string> = {
	day: 'Day',
	project: 'Project',
	connection: 'Connection',
	person: 'Person',
	model: 'Model',
};

/** What a chart shows of each day. */
export type Metric = 'cost' | 'tokens';

export function metricOf(sums: UsageSums, metric: Metric): number {
	if (metric === 'cost') return sums.priceUsd;
	return sums.inputTokens + sums.cachedTokens + sums.outputTokens + sums.reasoningTokens;
}

/** A count with its thousands told apart, as "12,345". */
export function countWords(count: number): string {
	return count.toLocaleString('en-US');
}

/** A count for an axis, as "950", "12K", "1.5M". */
export function shortCount(count: number): string {
	return new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(count);
}

/** A day such as `2026-01-31` as "31 Jan 2026", whatever zone the browser is in. */
export function dayWords(day: string): string {
	const date = new Date(`${day}T00:00:00Z`);
	return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
		date,
	);
}
