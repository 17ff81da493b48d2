import { type AuditActor, recordAudit } from '#server/audit/audit.ts';
import { type Db, inTransaction } from '#server/db/client.ts';
import { newId } from '#server/db/id.ts';
import { AppError } from '#server/errors.ts';
import { resumeWaiting } from '#server/queue/enqueue.ts';
import type { BudgetSubject, SetBudgetInput } from '#shared/usage.ts';
import { type Budget, type BudgetStanding, budgetKey, standingsOf } from './budgets.ts';
import { toUsd } from './report.ts';

type Person = { id: string; actor: AuditActor };

/** A person's budgets and how they stand: all of them, or those of one project or connection. */
export async function listBudgets(
	db: Db,
	userId: string,
	{ subject, subjectId }: { subject?: BudgetSubject | undefined; subjectId?: string | undefined } = {},
	now = Date.now(),
): Promise<BudgetStanding[]> {
	let query = db.selectFrom('budgets').selectAll().where('user_id', '=', userId);
	if (subject !== undefined) query = query.where('subject', '=', subject);
	if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId);
	const rows = await query.orderBy('subject').orderBy('subject_id').orderBy('period').execute();
	return standingsOf(db, rows, now);
}

/**
 * Sets how much a project or a connection of this person may cost in a day or a month, in place of what was set before.
 * The caller has checked whose it is. What waits for it goes back to the queue.
 */
export async function setBudget(db: Db, person: Person, input: SetBudgetInput): Promise<Budget> {
	const { subject, subjectId, period, limitUsd } = input;
	const now = Date.now();
	const limit = { limit_micro_usd: Math.round(limitUsd * 1_000_000), warned_for: null, updated_at: now };
	return inTransaction(db, async (tx) => {
		const budget = await tx
			.insertInto('budgets')
			.values({ id: newId(), user_id: person.id, subject, subject_id: subjectId, period, created_at: now, ...limit })
			.onConflict((conflict) => conflict.columns(['subject', 'subject_id', 'period']).doUpdateSet(limit))
			.returningAll()
			.executeTakeFirstOrThrow();
		await tell(tx, person, 'budget.set', budget);
		return budget;
	});
}

/** Throws `not_found`, also for another person's budget. */
export async function removeBudget(db: Db, person: Person, budgetId: string): Promise<Budget> {
	return inTransaction(db, async (tx) => {
		const budget = await tx
			.deleteFrom('budgets')
			.where('id', '=', budgetId)
			.where('user_id', '=', person.id)
			.returningAll()
			.executeTakeFirst();
		if (budget === undefined) throw new AppError('not_found', 'There is no such budget. It may have been removed.');
		await tell(tx, person, 'budget.removed', budget);
		return budget;
	});
}

/** A project or a connection is gone, and its budgets with it. What was used stays on record. */
export async function forgetBudgets(db: Db, subject: BudgetSubject, subjectId: string): Promise<void> {
	await db.deleteFrom('budgets').where('subject', '=', subject).where('subject_id', '=', subjectId).execute();
	await resumeWaiting(db, { connectionId: budgetKey({ subject, subject_id: subjectId }) });
}

async function tell(tx: Db, person: Person, action: string, budget: Budget): Promise<void> {
	const { subject, subject_id: subjectId, period } = budget;
	await resumeWaiting(tx, { connectionId: budgetKey(budget) });
	await recordAudit(tx, {
		actor: person.actor,
		userId: person.id,
		action,
		...(subject === 'project' ? { projectId: subjectId } : { connectionId: subjectId }),
		detail: { subject, period, limitUsd: toUsd(budget.limit_micro_usd) },
	});
}
