import type { Db } from '../db/client.ts';

/** The names of projects, whoever they belong to; those that are gone are left out. */
export async function nameProjects(db: Db, projectIds: readonly string[]): Promise<Map<string, string>> {
	if (projectIds.length === 0) return new Map();
	const rows = await db.selectFrom('projects').select(['id', 'name']).where('id', 'in', projectIds).execute();
	return new Map(rows.map(({ id, name }) => [id, name]));
}
