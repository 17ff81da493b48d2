import { z } from 'zod';
import type { App } from '#server/app.ts';
import { getConnection } from '#server/auth/connections.ts';
import { ownProject } from '#server/projects/projects.ts';
import { announceProject, announceProjectsOf } from '#server/projects/views.ts';
import { listBudgets, removeBudget, setBudget } from '#server/usage/budgetChanges.ts';
import type { Budget, BudgetStanding } from '#server/usage/budgets.ts';
import { toUsd } from '#server/usage/report.ts';
import type { User } from '#server/users/users.ts';
import { type BudgetSubject, type BudgetView, budgetFilter, budgetView, setBudgetInput } from '#shared/usage.ts';
import { nothing, userAction } from '../define.ts';
import { personOf } from '../person.ts';
import { namesOf } from './names.ts';

/** How much a project or a connection may cost. */
export const budgetVerbs = {
	listBudgets: userAction({
		input: budgetFilter,
		output: z.object({ budgets: z.array(budgetView) }),
		run: async (input, { app, user }) => ({ budgets: await toViews(app, await listBudgets(app.db, user.id, input)) }),
	}),

	setBudget: userAction({
		input: setBudgetInput,
		output: z.object({ budget: budgetView }),
		async run(input, context) {
			const { app, user } = context;
			await requireOwn(app, user, input.subject, input.subjectId);
			const { id } = await setBudget(app.db, personOf(context), input);
			await publish(app, user, input);
			const { subject, subjectId } = input;
			const views = await toViews(app, await listBudgets(app.db, user.id, { subject, subjectId }));
			const budget = views.find((view) => view.id === id);
			if (budget === undefined) throw new Error('A budget has no view.');
			return { budget };
		},
	}),

	removeBudget: userAction({
		input: z.object({ budgetId: z.string().min(1).max(64) }),
		output: nothing,
		async run({ budgetId }, context) {
			const { app, user } = context;
			const removed: Budget = await removeBudget(app.db, personOf(context), budgetId);
			await publish(app, user, { subject: removed.subject, subjectId: removed.subject_id });
			return {};
		},
	}),
};

/** Throws `not_found` for what is not the person's. */
async function requireOwn(app: App, user: User, subject: BudgetSubject, subjectId: string): Promise<void> {
	if (subject === 'project') await ownProject(app.db, user, subjectId);
	else await getConnection(app.db, user.id, subjectId);
}

/** The open pages say how the budgets stand. */
async function publish(app: App, user: User, { subject, subjectId }: { subject: BudgetSubject; subjectId: string }) {
	if (subject === 'project') await announceProject(app, subjectId);
	else await announceProjectsOf(app, user.id);
}

async function toViews(app: App, standings: BudgetStanding[]): Promise<BudgetView[]> {
	const idsOf = (subject: BudgetSubject): string[] =>
		standings.filter(({ budget }) => budget.subject === subject).map(({ budget }) => budget.subject_id);
	const names = new Map([
		...(await namesOf(app, 'project', idsOf('project'))),
		...(await namesOf(app, 'connection', idsOf('connection'))),
	]);
	return standings.map(({ budget, spent, state, period }) => ({
		id: budget.id,
		subject: budget.subject,
		subjectId: budget.subject_id,
		subjectName: names.get(budget.subject_id) ?? budget.subject_id,
		period: budget.period,
		limitUsd: toUsd(budget.limit_micro_usd),
		spentUsd: toUsd(spent),
		state,
		endsAt: new Date(period.endsAt).toISOString(),
	}));
}
