import { z } from 'zod';

const id = z.string().min(1).max(64);

/** What a report is broken down by. */
export const usageGrouping = z.enum(['day', 'project', 'connection', 'person', 'model']);
export type UsageGrouping = z.infer<typeof usageGrouping>;

/** A day of UTC, such as `2026-01-31`. */
const usageDay = z.string().refine(isDay, 'Give a day such as 2026-01-31.');

export const usageFilter = z.object({
	/** The first day and the last, both included; the last thirty days unless set. */
	from: usageDay.optional(),
	to: usageDay.optional(),
	projectId: id.optional(),
	connectionId: id.optional(),
	/** Everybody's usage, for admins. */
	all: z.boolean().optional(),
});
export type UsageFilterInput = z.infer<typeof usageFilter>;

/** Sums over calls to providers. */
const usageSums = z.object({
	calls: z.number().int(),
	/** Without the cached ones. */
	inputTokens: z.number().int(),
	cachedTokens: z.number().int(),
	/** Without the reasoning ones. */
	outputTokens: z.number().int(),
	reasoningTokens: z.number().int(),
	/** By the catalogue's prices. */
	priceUsd: z.number(),
});
export type UsageSums = z.infer<typeof usageSums>;

/** One line of a report: a day, a project, a connection, a person or a model. */
const usageRow = usageSums.extend({ id: z.string(), name: z.string() });
export type UsageRow = z.infer<typeof usageRow>;

export const usageReport = z.object({
	by: usageGrouping,
	from: z.string(),
	to: z.string(),
	/** Days in order, the quiet ones too; everything else the most expensive first. */
	rows: z.array(usageRow),
	totals: usageSums,
});
export type UsageReport = z.infer<typeof usageReport>;

const choice = z.object({ id: z.string(), name: z.string() });
/** What there is to filter by. */
export const usageChoices = z.object({ projects: z.array(choice), connections: z.array(choice) });
export type UsageChoices = z.infer<typeof usageChoices>;

const budgetSubject = z.enum(['project', 'connection']);
export type BudgetSubject = z.infer<typeof budgetSubject>;

const budgetPeriod = z.enum(['day', 'month']);
export type BudgetPeriod = z.infer<typeof budgetPeriod>;

export const setBudgetInput = z.object({
	subject: budgetSubject,
	subjectId: id,
	/** Of UTC. */
	period: budgetPeriod,
	limitUsd: z
		.number('Give an amount in US dollars, such as 5.')
		.min(0.0001, 'A budget is at least $0.0001.')
		.max(1_000_000, 'A budget is at most $1,000,000.'),
});
export type SetBudgetInput = z.infer<typeof setBudgetInput>;

/** Which budgets are meant; without anything, all of one's own. */
export const budgetFilter = z.object({ subject: budgetSubject.optional(), subjectId: id.optional() });

export const budgetView = z.object({
	id: z.string(),
	subject: budgetSubject,
	subjectId: z.string(),
	subjectName: z.string(),
	period: budgetPeriod,
	limitUsd: z.number(),
	spentUsd: z.number(),
	/** `warned` from 80 % on, `used_up` from 100 % on, when prompts wait. */
	state: z.enum(['open', 'warned', 'used_up']),
	/** When the present day or month ends, and counting begins anew. */
	endsAt: z.iso.datetime(),
});
export type BudgetView = z.infer<typeof budgetView>;

/** Dollars for the eye: cents, and for less than ten of them the two digits that tell most. */
export function usdWords(usd: number): string {
	if (usd !== 0 && usd < 0.1)
		return `$${Number(usd.toPrecision(2))
			.toFixed(6)
			.replace(/(\.\d\d\d*?)0+$/, '$1')}`;
	return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function isDay(text: string): boolean {
	return /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(text).toJSON()?.startsWith(text) === true;
}
