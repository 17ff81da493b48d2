import type { Notice } from '#shared/projects.ts';
import type { Db } from '../../db/client.ts';
import { budgetsOf, describeStanding } from '../../usage/budgets.ts';
import type { Project } from '../projects.ts';

/** What a project's person should know of its budgets, and of those of the connection that serves it. */
export async function budgetNotices(db: Db, project: Project, connectionId: string | undefined): Promise<Notice[]> {
	const notices: Notice[] = [];
	for (const standing of await budgetsOf(db, { projectId: project.id, connectionId })) {
		if (standing.state === 'open') continue;
		const words = await describeStanding(db, standing);
		const message = standing.state === 'used_up' ? `${words} Messages wait.` : words;
		const action = standing.budget.subject === 'project' ? 'budget' : 'settings';
		notices.push({ level: 'warn', message, action });
	}
	return notices;
}
