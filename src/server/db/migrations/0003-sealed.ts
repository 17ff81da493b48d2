import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

type Schema = Kysely<unknown>;

/** What the gateway knows its callers by, what was used through it, and how much may be. */
export const sealed: Migration = {
	async up(db: Schema): Promise<void> {
		await db.schema
			.createTable('gateway_tokens')
			.addColumn('token_hash', 'text', (c) => c.primaryKey())
			.addColumn('project_id', 'text', (c) => c.notNull().references('projects.id').onDelete('cascade'))
			.addColumn('connection_id', 'text', (c) => c.notNull())
			.addColumn('user_id', 'text', (c) => c.notNull())
			.addColumn('created_at', 'bigint', (c) => c.notNull())
			.addColumn('expires_at', 'bigint', (c) => c.notNull())
			.addColumn('revoked_at', 'bigint')
			.execute();
		await db.schema
			.createIndex('gateway_tokens_project')
			.on('gateway_tokens')
			.columns(['project_id', 'connection_id'])
			.execute();
		await createUsage(db);
		await db.schema
			.createTable('budgets')
			.addColumn('id', 'text', (c) => c.primaryKey())
			.addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
			.addColumn('subject', 'text', (c) => c.notNull())
			.addColumn('subject_id', 'text', (c) => c.notNull())
			.addColumn('period', 'text', (c) => c.notNull())
			.addColumn('limit_micro_usd', 'bigint', (c) => c.notNull())
			.addColumn('warned_for', 'text')
			.addColumn('created_at', 'bigint', (c) => c.notNull())
			.addColumn('updated_at', 'bigint', (c) => c.notNull())
			.addUniqueConstraint('budgets_subject', ['subject', 'subject_id', 'period'])
			.execute();
		await db.schema
			.alterTable('projects')
			.addColumn('sealed_only', 'integer', (c) => c.notNull().defaultTo(0))
			.execute();
	},
};

async function createUsage(db: Schema): Promise<void> {
	await db.schema
		.createTable('usage_records')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('at', 'bigint', (c) => c.notNull())
		.addColumn('day', 'text', (c) => c.notNull())
		.addColumn('user_id', 'text', (c) => c.notNull())
		.addColumn('project_id', 'text', (c) => c.notNull())
		.addColumn('connection_id', 'text', (c) => c.notNull())
		.addColumn('provider_id', 'text', (c) => c.notNull())
		.addColumn('model_id', 'text', (c) => c.notNull())
		.addColumn('status', 'integer', (c) => c.notNull())
		.addColumn('input_tokens', 'integer', (c) => c.notNull().defaultTo(0))
		.addColumn('cached_tokens', 'integer', (c) => c.notNull().defaultTo(0))
		.addColumn('output_tokens', 'integer', (c) => c.notNull().defaultTo(0))
		.addColumn('reasoning_tokens', 'integer', (c) => c.notNull().defaultTo(0))
		.addColumn('price_micro_usd', 'bigint', (c) => c.notNull().defaultTo(0))
		.addColumn('duration_ms', 'integer', (c) => c.notNull().defaultTo(0))
		.execute();
	// With the price in them, what a budget has used is read from the index alone.
	await db.schema.createIndex('usage_records_user').on('usage_records').columns(['user_id', 'day']).execute();
	await db.schema
		.createIndex('usage_records_project')
		.on('usage_records')
		.columns(['project_id', 'day', 'price_micro_usd'])
		.execute();
	await db.schema
		.createIndex('usage_records_connection')
		.on('usage_records')
		.columns(['connection_id', 'day', 'price_micro_usd'])
		.execute();
}
