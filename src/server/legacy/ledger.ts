import type { Db } from '#server/db/client.ts';
import type { Row } from '#server/db/schema.ts';

type Kind = Row<'legacy_imports'>['kind'];

/** What became of something old here; undefined before it was taken over. It may have been deleted since. */
export async function findTaken(db: Db, kind: Kind, sourceId: string): Promise<string | undefined> {
	const row = await db
		.selectFrom('legacy_imports')
		.select('target_id')
		.where('kind', '=', kind)
		.where('source_id', '=', sourceId)
		.executeTakeFirst();
	return row?.target_id;
}

/** Notes that something old was taken over, so that no later import does it again. */
export async function noteTaken(db: Db, kind: Kind, sourceId: string, targetId: string): Promise<void> {
	const row = { kind, source_id: sourceId, target_id: targetId, imported_at: Date.now() };
	await db.insertInto('legacy_imports').values(row).execute();
}
