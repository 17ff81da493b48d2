import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a project may use, when it was last used, and the limit that it ran into. */
export const life: Migration = {
	async up(db: Kysely<unknown>): Promise<void> {
		for (const [column, type] of [
			['memory_mb', 'integer'],
			['cpus', 'real'],
			['disk_mb', 'integer'],
			['reached', 'text'],
		] as const) {
			await db.schema.alterTable('projects').addColumn(column, type).execute();
		}
		await db.schema
			.alterTable('projects')
			.addColumn('last_used_at', 'bigint', (c) => c.notNull().defaultTo(0))
			.execute();
		await sql`update projects set last_used_at = last_active_at`.execute(db);
	},
};
