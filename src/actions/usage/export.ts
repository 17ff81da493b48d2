import { csvLine } from '#server/audit/csv.ts';
import type { UsageReport, UsageRow } from '#shared/usage.ts';

export const CSV_TYPE = 'text/csv; charset=utf-8';

export function usageFileName({ by, from, to }: UsageReport): string {
	return `doce-usage-by-${by}-${from}-to-${to}.csv`;
}

/** A report for a spreadsheet. Names are written by people: no cell is a formula. */
export function usageCsv({ by, rows }: UsageReport): string {
	const columns = ['calls', 'input tokens', 'cached tokens', 'output tokens', 'reasoning tokens', 'price (USD)'];
	return [csvLine([by, 'id', ...columns]), ...rows.map(toLine)].join('');
}

function toLine(row: UsageRow): string {
	const { calls, inputTokens, cachedTokens, outputTokens, reasoningTokens, priceUsd } = row;
	const counts = [calls, inputTokens, cachedTokens, outputTokens, reasoningTokens];
	return csvLine([row.name, row.id, ...counts.map(String), priceUsd.toFixed(6)]);
}
