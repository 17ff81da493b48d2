import type { App } from '#server/app.ts';
import { nameProjects } from '#server/projects/names.ts';
import type { UsageGroup } from '#server/usage/report.ts';
import { nameUsers } from '#server/users/names.ts';
import type { UsageGrouping, UsageRow } from '#shared/usage.ts';
import { connectionNames } from '../audit/names.ts';

type Names = Pick<App, 'db' | 'catalog'>;

const GONE = { project: 'A project that is gone', connection: 'A connection that is gone', person: 'Somebody' };

/** Groups with the names of what they are, as well as those are still known. */
export async function nameGroups(app: Names, groups: UsageGroup[], by: UsageGrouping): Promise<UsageRow[]> {
	if (by === 'day' || by === 'model') return groups.map((group) => ({ ...group, name: group.id }));
	const ids = groups.map(({ id }) => id);
	const names = await namesOf(app, by, ids);
	return groups.map((group) => ({ ...group, name: names.get(group.id) ?? goneName(by, group.id) }));
}

/** What one can choose from, by name. */
export async function nameChoices(
	app: Names,
	by: 'project' | 'connection',
	ids: string[],
): Promise<{ id: string; name: string }[]> {
	const names = await namesOf(app, by, ids);
	const choices = ids.map((id) => ({ id, name: names.get(id) ?? goneName(by, id) }));
	return choices.sort((one, other) => one.name.localeCompare(other.name));
}

export async function namesOf(
	app: Names,
	by: 'project' | 'connection' | 'person',
	ids: string[],
): Promise<Map<string, string>> {
	if (by === 'project') return nameProjects(app.db, ids);
	return by === 'connection' ? connectionNames(app, ids) : nameUsers(app.db, ids);
}

function goneName(by: keyof typeof GONE, id: string): string {
	return `${GONE[by]} (${id.slice(-6)})`;
}
