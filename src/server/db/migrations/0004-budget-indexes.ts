import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

const SUBJECTS = ['project', 'connection'];

/** The price joins the indexes of use, so that what a budget has used is read from the index alone. */
export const budgetIndexes: Migration = {
	async up(db: Kysely<unknown>): Promise<void> {
		for (const subject of SUBJECTS) {
			await db.schema.dropIndex(`usage_records_${subject}`).execute();
			await db.schema
				.createIndex(`usage_records_${subject}`)
				.on('usage_records')
				.columns([`${subject}_id`, 'day', 'price_micro_usd'])
				.execute();
		}
	},
};
