import type { App } from '#server/app.ts';
import { reportedDays, reportUsage, totalUsage } from '#server/usage/report.ts';
import type { User } from '#server/users/users.ts';
import type { UsageFilterInput, UsageGrouping, UsageReport } from '#shared/usage.ts';
import { ownerOf } from '../audit/filter.ts';
import { nameGroups } from './names.ts';

/** What a person may see of what they ask for, added up. Throws `forbidden` when that is not all of it. */
export async function makeReport(
	app: Pick<App, 'db' | 'catalog'>,
	user: User,
	{ by, ...input }: UsageFilterInput & { by: UsageGrouping },
): Promise<UsageReport> {
	const days = reportedDays(input, Date.now());
	const { projectId, connectionId } = input;
	const filter = { userId: ownerOf(input, user), projectId, connectionId, ...days };
	const groups = await reportUsage(app.db, filter, by);
	return { by, ...days, rows: await nameGroups(app, groups, by), totals: await totalUsage(app.db, filter) };
}
