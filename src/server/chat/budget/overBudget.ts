import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '../../db/client.ts';
import type { Project } from '../../projects/projects.ts';
import type { Serving } from '../../projects/serving.ts';
import type { ProjectServices } from '../../projects/setup.ts';
import { announceProjectsOf } from '../../projects/views.ts';
import { RetryLater } from '../../queue/handler.ts';
import {
	budgetKey,
	budgetsOf,
	describeStanding,
	findUsedUp,
	recheckLater,
	warnOfBudgets,
} from '../../usage/budgets.ts';
import type { Ending } from '../answer.ts';
import type { Refusal } from '../failures.ts';

type Opening = { project: Project; serving: Serving };

/** The gateway refused, yet the budget is not used up: its period has just ended. After this time, in ms, it knows. */
const ANEW = 2_000;
/** The gateway writes what was used a moment later, in ms. */
const WRITTEN = 400;

/**
 * What a budget that is used up says to a prompt; undefined while there is something left. What waits for it is looked
 * at again when its day or month ends.
 */
export async function stopByBudget(db: Db, { project, serving }: Opening): Promise<Refusal | undefined> {
	const over = await findUsedUp(db, { projectId: project.id, connectionId: serving.connection?.id });
	if (over === undefined) return undefined;
	await recheckLater(db, over);
	const { budget, period } = over;
	return {
		reason: 'over_budget',
		message: await describeStanding(db, over),
		retryAt: period.endsAt,
		budget: { key: budgetKey(budget), subject: budget.subject },
	};
}

/**
 * After a turn: warns of budgets that are nearly used up, and says of one that ended for want of a budget that it did,
 * however the gateway's refusal reached us.
 */
export async function settleBudgets(
	services: Pick<ProjectServices, 'db' | 'live' | 'catalog'>,
	opening: Opening,
	ending: Ending,
): Promise<Ending> {
	const { db } = services;
	const { project, serving } = opening;
	const connectionId = serving.connection?.id;
	const isLimited = (await budgetsOf(db, { projectId: project.id, connectionId })).length > 0;
	if (isLimited && serving.connection?.delivery === 'sealed') await pause(WRITTEN);
	if (await warnOfBudgets(db, { projectId: project.id, connectionId }))
		await announceProjectsOf(services, project.user_id);
	if (ending.kind === 'answered') return ending;
	const refusal = await stopByBudget(db, opening);
	if (refusal !== undefined) return { kind: 'refused', refusal, shown: ending.shown };
	if (ending.kind === 'refused' && ending.refusal.reason === 'over_budget')
		throw new RetryLater(ANEW, 'The budget has begun anew');
	return ending;
}
