import { recordAudit } from '#server/audit/audit.ts';
import { findConnection } from '#server/auth/connections.ts';
import { type Db, inTransaction } from '#server/db/client.ts';
import type { Row } from '#server/db/schema.ts';
import { enqueue } from '#server/queue/enqueue.ts';
import { type BudgetSubject, type BudgetView, usdWords } from '#shared/usage.ts';
import { type Period, periodAt } from './periods.ts';
import { toUsd } from './report.ts';

export type Budget = Row<'budgets'>;

/** A budget with what its present day or month has cost. */
export type BudgetStanding = {
	budget: Budget;
	period: Period;
	/** In millionths of a dollar, as the limit. */
	spent: number;
	state: BudgetView['state'];
};

/** Who is about to spend, or has spent, on what; `now` in ms. */
export type Spending = { projectId: string; connectionId: string | undefined; now?: number | undefined };

/** A person is warned from this share of a budget on. */
const WARN_AT = 0.8;

/** Why nothing more may be spent, in a sentence for the person; undefined while it may. */
export async function budgetRefusal(db: Db, spending: Spending): Promise<string | undefined> {
	const over = await findUsedUp(db, spending);
	return over === undefined ? undefined : describeStanding(db, over);
}

/** The budget that lets nothing more be spent, the one that opens last where there are several. */
export async function findUsedUp(db: Db, spending: Spending): Promise<BudgetStanding | undefined> {
	const standings = await budgetsOf(db, spending);
	return standings
		.filter(({ state }) => state === 'used_up')
		.sort((one, other) => other.period.endsAt - one.period.endsAt)[0];
}

/** How the budgets of a project and of the connection that serves it stand; one query when there are none. */
export async function budgetsOf(
	db: Db,
	{ projectId, connectionId, now = Date.now() }: Spending,
): Promise<BudgetStanding[]> {
	const rows = await db
		.selectFrom('budgets')
		.selectAll()
		.where('subject_id', 'in', [projectId, connectionId ?? ''])
		.orderBy('subject', 'desc')
		.orderBy('period')
		.execute();
	return standingsOf(db, rows, now);
}

/** What these budgets have used of their present period. */
export async function standingsOf(db: Db, budgets: readonly Budget[], now: number): Promise<BudgetStanding[]> {
	const standings: BudgetStanding[] = [];
	for (const budget of budgets) {
		const period = periodAt(budget.period, now);
		const spent = await spentIn(db, budget, period);
		standings.push({ budget, period, spent, state: stateOf(spent, budget.limit_micro_usd) });
	}
	return standings;
}

/**
 * Notes, once in a period, that a budget is nearly used up: in the audit trail, and by a job at the period's end, when
 * that is over. Returns whether there is anything new. Call it after each use, from any process.
 */
export async function warnOfBudgets(db: Db, spending: Spending): Promise<boolean> {
	let news = false;
	for (const standing of await budgetsOf(db, spending)) {
		const { budget, period, state } = standing;
		if (state === 'open' || budget.warned_for === period.id) continue;
		news = (await warn(db, standing, spending.projectId)) || news;
	}
	return news;
}

/** Has what waits for a budget looked at again when its present period is over. */
export async function recheckLater(db: Db, { budget, period }: BudgetStanding): Promise<void> {
	const { subject, subject_id: subjectId, user_id: userId } = budget;
	await enqueue(db, {
		type: 'budget.recheck',
		payload: { subject, subjectId, until: period.endsAt },
		userId,
		delayMs: Math.max(0, period.endsAt - Date.now()),
		dedupeKey: `${budgetKey(budget)}:${period.id}`,
	});
}

/** What a job waits for whose budget is used up. */
export function budgetKey({ subject, subject_id }: Pick<Budget, 'subject' | 'subject_id'>): string {
	return `budget:${subject}:${subject_id}`;
}

/** How a budget stands, in a sentence. */
export async function describeStanding(db: Db, standing: BudgetStanding): Promise<string> {
	const { budget, spent, state } = standing;
	const whose = await whoseWords(db, budget);
	const when = budget.period === 'day' ? 'today' : 'this month';
	const [used, limit] = [usdWords(toUsd(spent)), usdWords(toUsd(budget.limit_micro_usd))];
	if (state === 'used_up') return `${whose} has used its budget for ${when}: ${used} of ${limit}.`;
	const share = Math.floor((spent / budget.limit_micro_usd) * 100);
	return `${whose} has used ${share} % of its budget for ${when}: ${used} of ${limit}.`;
}

async function whoseWords(db: Db, { subject, subject_id }: Budget): Promise<string> {
	if (subject === 'project') return 'This project';
	const connection = await findConnection(db, subject_id);
	return connection === undefined ? 'The connection' : `The connection “${connection.label}”`;
}

function stateOf(spent: number, limit: number): BudgetView['state'] {
	if (spent >= limit) return 'used_up';
	return spent >= limit * WARN_AT ? 'warned' : 'open';
}

const COLUMNS = { project: 'project_id', connection: 'connection_id' } as const satisfies Record<BudgetSubject, string>;

async function spentIn(db: Db, { subject, subject_id }: Budget, { from, to }: Period): Promise<number> {
	const row = await db
		.selectFrom('usage_records')
		.select(({ fn }) => fn.sum<number | string | null>('price_micro_usd').as('price'))
		.where(COLUMNS[subject], '=', subject_id)
		.where('day', '>=', from)
		.where('day', '<=', to)
		.executeTakeFirst();
	return Number(row?.price ?? 0);
}

async function warn(db: Db, standing: BudgetStanding, projectId: string): Promise<boolean> {
	const { budget, period, spent } = standing;
	return inTransaction(db, async (tx) => {
		const { numUpdatedRows } = await tx
			.updateTable('budgets')
			.set({ warned_for: period.id })
			.where('id', '=', budget.id)
			.where((eb) => eb.or([eb('warned_for', 'is', null), eb('warned_for', '!=', period.id)]))
			.executeTakeFirst();
		// Another process was quicker.
		if (numUpdatedRows === 0n) return false;
		await recordAudit(tx, {
			actor: 'doce',
			userId: budget.user_id,
			action: 'budget.warned',
			projectId,
			...(budget.subject === 'connection' && { connectionId: budget.subject_id }),
			detail: { period: period.id, spentUsd: toUsd(spent), limitUsd: toUsd(budget.limit_micro_usd) },
		});
		await recheckLater(tx, standing);
		return true;
	});
}
