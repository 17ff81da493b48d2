import { sql } from 'kysely';
import type { Db } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import type { BudgetSubject, UsageGrouping, UsageSums } from '#shared/usage.ts';
import { dayOf, daysBetween, periodAt } from './periods.ts';

/** Whose usage, of what, from which day to which (both included, of UTC). */
export type UsageFilter = {
	/** Everybody's without it. */
	userId?: string | undefined;
	projectId?: string | undefined;
	connectionId?: string | undefined;
	from: string;
	to: string;
};

/** One group of a report; `id` is a day, an id, or `provider/model`. */
export type UsageGroup = UsageSums & { id: string };

/** How many days a report reaches back unless told, and how many it may have. */
const [USUAL_DAYS, MOST_DAYS] = [30, 731];
const DAY_MS = 86_400_000;

/** The days that a report is about. Throws `AppError('invalid')` for a range that is upside down or too long. */
export function reportedDays(
	{ from, to }: { from?: string | undefined; to?: string | undefined },
	now: number,
): { from: string; to: string } {
	const last = to ?? dayOf(now);
	const first = from ?? dayOf(Date.parse(last) - (USUAL_DAYS - 1) * DAY_MS);
	if (first > last) throw new AppError('invalid', 'The first day is after the last: exchange them.');
	if (Date.parse(last) - Date.parse(first) >= MOST_DAYS * DAY_MS)
		throw new AppError('invalid', 'A report has at most two years: choose a later first day.');
	return { from: first, to: last };
}

/** Usage by group: days in order, the quiet ones too; anything else the most expensive first. */
export async function reportUsage(db: Db, filter: UsageFilter, by: UsageGrouping): Promise<UsageGroup[]> {
	const key = by === 'model' ? sql<string>`provider_id || '/' || model_id` : sql.ref<string>(COLUMNS[by]);
	const rows = await matching(db, filter).select(key.as('id')).groupBy(key).execute();
	const groups = rows.map(({ id, ...row }) => ({ id, ...toSums(row) }));
	if (by !== 'day') return groups.sort((one, other) => other.priceUsd - one.priceUsd || tokens(other) - tokens(one));
	const known = new Map(groups.map((group) => [group.id, group]));
	return daysBetween(filter.from, filter.to).map((day) => known.get(day) ?? { id: day, ...NOTHING });
}

/** All that matches, together. */
export async function totalUsage(db: Db, filter: UsageFilter): Promise<UsageSums> {
	return toSums(await matching(db, filter).executeTakeFirstOrThrow());
}

/** The projects and connections that there are records of. */
export async function usedSubjects(
	db: Db,
	userId: string | undefined,
): Promise<{ projectIds: string[]; connectionIds: string[] }> {
	const list = async (column: 'project_id' | 'connection_id'): Promise<string[]> => {
		let query = db.selectFrom('usage_records').select(`${column} as id`).distinct();
		if (userId !== undefined) query = query.where('user_id', '=', userId);
		return (await query.orderBy(column).execute()).map(({ id }) => id);
	};
	return { projectIds: await list('project_id'), connectionIds: await list('connection_id') };
}

/** What each of these cost in the present month of UTC, in US dollars; those that cost nothing are left out. */
export async function costsThisMonth(
	db: Db,
	subject: BudgetSubject,
	ids: readonly string[],
	now = Date.now(),
): Promise<Map<string, number>> {
	if (ids.length === 0) return new Map();
	const column = COLUMNS[subject];
	const { from, to } = periodAt('month', now);
	const rows = await db
		.selectFrom('usage_records')
		.select(({ fn }) => [`${column} as id`, fn.sum<number | string>('price_micro_usd').as('price')])
		.where(column, 'in', ids)
		.where('day', '>=', from)
		.where('day', '<=', to)
		.groupBy(column)
		.execute();
	return new Map(rows.map(({ id, price }) => [id, toUsd(price)]));
}

/** Prices are stored in millionths of a dollar. */
export function toUsd(microUsd: number | string): number {
	return Number(microUsd) / 1_000_000;
}

const COLUMNS = {
	day: 'day',
	project: 'project_id',
	connection: 'connection_id',
	person: 'user_id',
} as const;

const NOTHING: UsageSums = {
	calls: 0,
	inputTokens: 0,
	cachedTokens: 0,
	outputTokens: 0,
	reasoningTokens: 0,
	priceUsd: 0,
};

function matching(db: Db, { userId, projectId, connectionId, from, to }: UsageFilter) {
	return db
		.selectFrom('usage_records')
		.select(({ fn }) => [
			fn.countAll<number | string>().as('calls'),
			fn.sum<number | string | null>('input_tokens').as('input'),
			fn.sum<number | string | null>('cached_tokens').as('cached'),
			fn.sum<number | string | null>('output_tokens').as('output'),
			fn.sum<number | string | null>('reasoning_tokens').as('reasoning'),
			fn.sum<number | string | null>('price_micro_usd').as('price'),
		])
		.where('day', '>=', from)
		.where('day', '<=', to)
		.$if(userId !== undefined, (query) => query.where('user_id', '=', userId as string))
		.$if(projectId !== undefined, (query) => query.where('project_id', '=', projectId as string))
		.$if(connectionId !== undefined, (query) => query.where('connection_id', '=', connectionId as string));
}

/** What the database sums up; null where there was nothing. */
type Sums = Record<'calls' | 'input' | 'cached' | 'output' | 'reasoning' | 'price', number | string | null>;

function toSums(row: Sums): UsageSums {
	return {
		calls: Number(row.calls),
		inputTokens: Number(row.input),
		cachedTokens: Number(row.cached),
		outputTokens: Number(row.output),
		reasoningTokens: Number(row.reasoning),
		priceUsd: toUsd(row.price ?? 0),
	};
}

function tokens({ inputTokens, cachedTokens, outputTokens, reasoningTokens }: UsageSums): number {
	return inputTokens + cachedTokens + outputTokens + reasoningTokens;
}
