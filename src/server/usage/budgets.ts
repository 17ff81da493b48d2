import type { Db } from '../db/client.ts';
import type { Row } from '../db/schema.ts';

type Budget = Row<'budgets'>;
type Spender = { projectId: string; connectionId: string; now: number };

/** Why a project may not call a provider now, in words for its person; undefined while every budget has something left. */
export async function budgetRefusal(db: Db, spender: Spender): Promise<string | undefined> {
	const { projectId, connectionId, now } = spender;
	const budgets = await db
		.selectFrom('budgets')
		.selectAll()
		.where((eb) =>
			eb.or([
				eb('subject', '=', 'project').and('subject_id', '=', projectId),
				eb('subject', '=', 'connection').and('subject_id', '=', connectionId),
			]),
		)
		.execute();
	for (const budget of budgets) {
		if ((await spentOf(db, budget, now)) >= budget.limit_micro_usd) return wordsOf(budget);
	}
	return undefined;
}

async function spentOf(db: Db, { subject, subject_id: id, period }: Budget, now: number): Promise<number> {
	const today = new Date(now).toISOString().slice(0, 10);
	const from = period === 'day' ? today : `${today.slice(0, 7)}-01`;
	const { spent } = await db
		.selectFrom('usage_records')
		.select((eb) => eb.fn.sum<number | null>('price_micro_usd').as('spent'))
		.where(subject === 'project' ? 'project_id' : 'connection_id', '=', id)
		.where('day', '>=', from)
		.where('day', '<=', today)
		.executeTakeFirstOrThrow();
	return Number(spent ?? 0);
}

function wordsOf({ subject, period, limit_micro_usd: limit }: Budget): string {
	const dollars = (limit / 1_000_000).toFixed(2);
	const when = period === 'day' ? 'for today' : 'for this month';
	return `The budget of this ${subject} ${when} ($${dollars}) is used up. Raise it, or wait until it begins anew.`;
}
