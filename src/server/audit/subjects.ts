import { z } from 'zod';
import type { Db } from '#server/db/client.ts';

/** What the entries speak of: a person's, or everybody's without one. */
export async function listSubjects(
	db: Db,
	userId: string | undefined,
): Promise<{ connectionIds: string[]; projectIds: string[]; actors: string[] }> {
	const [connectionIds, projectIds, actors] = await Promise.all(
		(['connection_id', 'project_id', 'actor'] as const).map((column) => listDistinct(db, column, userId)),
	);
	return { connectionIds: connectionIds ?? [], projectIds: projectIds ?? [], actors: actors ?? [] };
}

async function listDistinct(
	db: Db,
	column: 'connection_id' | 'project_id' | 'actor',
	userId: string | undefined,
): Promise<string[]> {
	let query = db.selectFrom('audit_entries').select(`${column} as value`).distinct().where(column, 'is not', null);
	if (userId !== undefined) query = query.where('user_id', '=', userId);
	const rows = await query.orderBy(column).execute();
	return rows.flatMap(({ value }) => (value === null ? [] : [value]));
}

const known = z.object({ providerId: z.string(), label: z.string() });

/** Provider and label of connections as the trail tells them last: for those that are gone. */
export async function lastKnownConnections(
	db: Db,
	connectionIds: readonly string[],
): Promise<Map<string, { providerId: string; label: string }>> {
	if (connectionIds.length === 0) return new Map();
	const rows = await db
		.selectFrom('audit_entries')
		.select(['connection_id', 'detail'])
		.where('connection_id', 'in', connectionIds)
		.where('action', 'like', 'connection.%')
		.orderBy('id')
		.execute();
	return new Map(
		rows.flatMap((row) => {
			const { data } = known.safeParse(JSON.parse(row.detail));
			return row.connection_id === null || data === undefined ? [] : [[row.connection_id, data] as const];
		}),
	);
}
