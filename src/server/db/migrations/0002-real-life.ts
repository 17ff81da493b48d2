import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

type Schema = Kysely<unknown>;

/** Several accounts, troubles with their time and place, fallback, receipts, and sign-ins that are under way. */
export const realLife: Migration = {
	async up(db: Schema): Promise<void> {
		await extendConnections(db);
		await addFallback(db);
		await createReceipts(db);
		await createOAuthAttempts(db);
		await createLegacyImports(db);
	},
};

async function extendConnections(db: Schema): Promise<void> {
	for (const [column, type] of [
		['retry_at', 'bigint'],
		['problem_at', 'bigint'],
		['problem_project_id', 'text'],
		['oauth_renew_at', 'bigint'],
		['oauth_claim', 'text'],
	] as const) {
		await db.schema.alterTable('provider_connections').addColumn(column, type).execute();
	}
	await db.schema
		.alterTable('provider_connections')
		.addColumn('trouble_count', 'integer', (c) => c.notNull().defaultTo(0))
		.execute();
	await db.schema
		.alterTable('provider_connections')
		.addColumn('active', 'integer', (c) => c.notNull().defaultTo(1))
		.execute();
	await db.schema
		.alterTable('provider_connections')
		.addColumn('position', 'bigint', (c) => c.notNull().defaultTo(0))
		.execute();
	await db.schema
		.alterTable('provider_connections')
		.addColumn('oauth_refusals', 'integer', (c) => c.notNull().defaultTo(0))
		.execute();
	// Until now the oldest of several accounts was the one in use, and the order that of connecting.
	await sql`update provider_connections set position = created_at`.execute(db);
	await sql`update provider_connections set active = 0 where exists (select 1 from provider_connections as older
		where older.user_id = provider_connections.user_id and older.provider_id = provider_connections.provider_id
		and older.id < provider_connections.id)`.execute(db);
}

async function addFallback(db: Schema): Promise<void> {
	await db.schema
		.alterTable('user_settings')
		.addColumn('fallback', 'text', (c) => c.notNull().defaultTo('automatic'))
		.execute();
	await db.schema
		.alterTable('user_settings')
		.addColumn('fallback_return', 'integer', (c) => c.notNull().defaultTo(1))
		.execute();
	for (const [column, type] of [
		['fallback', 'text'],
		['fallback_connection_id', 'text'],
		['fallback_model_id', 'text'],
		['fallback_since', 'bigint'],
	] as const) {
		await db.schema.alterTable('projects').addColumn(column, type).execute();
	}
	await db.schema.alterTable('messages').addColumn('note', 'text').execute();
}

async function createReceipts(db: Schema): Promise<void> {
	await db.schema
		.createTable('credential_receipts')
		.addColumn('connection_id', 'text', (c) => c.notNull())
		.addColumn('version', 'integer', (c) => c.notNull())
		.addColumn('project_id', 'text', (c) => c.notNull())
		.addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
		.addColumn('provider_id', 'text', (c) => c.notNull())
		.addColumn('kind', 'text', (c) => c.notNull())
		.addColumn('state', 'text', (c) => c.notNull())
		.addColumn('detail', 'text')
		.addColumn('job_id', 'text')
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('settled_at', 'bigint')
		.addPrimaryKeyConstraint('credential_receipts_pk', ['connection_id', 'version', 'project_id'])
		.execute();
	await db.schema
		.createIndex('credential_receipts_project')
		.on('credential_receipts')
		.columns(['project_id', 'state'])
		.execute();
}

async function createOAuthAttempts(db: Schema): Promise<void> {
	await db.schema
		.createTable('oauth_attempts')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
		.addColumn('provider_id', 'text', (c) => c.notNull())
		.addColumn('state', 'text', (c) => c.notNull())
		.addColumn('flow', 'text', (c) => c.notNull())
		.addColumn('detail', 'text', (c) => c.notNull().defaultTo('{}'))
		.addColumn('message', 'text')
		.addColumn('connection_id', 'text')
		.addColumn('job_id', 'text')
		.addColumn('expires_at', 'bigint', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('oauth_attempts_user').on('oauth_attempts').columns(['user_id', 'id']).execute();
}

async function createLegacyImports(db: Schema): Promise<void> {
	await db.schema.alterTable('user_settings').addColumn('default_model_id', 'text').execute();
	await db.schema.alterTable('user_settings').addColumn('migration_offered_at', 'bigint').execute();
	await db.schema.alterTable('user_settings').addColumn('legacy_status', 'text').execute();
	await db.schema
		.createTable('legacy_imports')
		.addColumn('kind', 'text', (c) => c.notNull())
		.addColumn('source_id', 'text', (c) => c.notNull())
		.addColumn('target_id', 'text', (c) => c.notNull())
		.addColumn('imported_at', 'bigint', (c) => c.notNull())
		.addPrimaryKeyConstraint('legacy_imports_pk', ['kind', 'source_id'])
		.execute();
}
