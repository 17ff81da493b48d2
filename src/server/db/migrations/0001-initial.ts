import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

type Schema = Kysely<unknown>;

/** The first schema: people, connections, projects, chat, queue, audit. */
export const initial: Migration = {
	async up(db: Schema): Promise<void> {
		await createPeople(db);
		await createCredentials(db);
		await createProjects(db);
		await createQueue(db);
		await createAudit(db);
	},
};

async function createPeople(db: Schema): Promise<void> {
	await db.schema
		.createTable('users')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('email', 'text', (c) => c.notNull().unique())
		.addColumn('email_verified', 'integer', (c) => c.notNull().defaultTo(0))
		.addColumn('image', 'text')
		.addColumn('username', 'text', (c) => c.notNull().unique())
		.addColumn('display_username', 'text')
		.addColumn('role', 'text', (c) => c.notNull().defaultTo('member'))
		.addColumn('created_at', 'text', (c) => c.notNull())
		.addColumn('updated_at', 'text', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('user_sessions')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
		.addColumn('token', 'text', (c) => c.notNull().unique())
		.addColumn('expires_at', 'text', (c) => c.notNull())
		.addColumn('ip_address', 'text')
		.addColumn('user_agent', 'text')
		.addColumn('created_at', 'text', (c) => c.notNull())
		.addColumn('updated_at', 'text', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('user_sessions_user').on('user_sessions').column('user_id').execute();
	await db.schema
		.createTable('accounts')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
		.addColumn('account_id', 'text', (c) => c.notNull())
		.addColumn('provider_id', 'text', (c) => c.notNull())
		.addColumn('password', 'text')
		.addColumn('access_token', 'text')
		.addColumn('refresh_token', 'text')
		.addColumn('id_token', 'text')
		.addColumn('access_token_expires_at', 'text')
		.addColumn('refresh_token_expires_at', 'text')
		.addColumn('scope', 'text')
		.addColumn('created_at', 'text', (c) => c.notNull())
		.addColumn('updated_at', 'text', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('verifications')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('identifier', 'text', (c) => c.notNull())
		.addColumn('value', 'text', (c) => c.notNull())
		.addColumn('expires_at', 'text', (c) => c.notNull())
		.addColumn('created_at', 'text', (c) => c.notNull())
		.addColumn('updated_at', 'text', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('api_tokens')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('token_hash', 'text', (c) => c.notNull().unique())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('last_used_at', 'bigint')
		.addColumn('revoked_at', 'bigint')
		.execute();
}

async function createCredentials(db: Schema): Promise<void> {
	await db.schema
		.createTable('user_settings')
		.addColumn('user_id', 'text', (c) => c.primaryKey().references('users.id').onDelete('cascade'))
		.addColumn('preferred_provider_id', 'text')
		.addColumn('provider_auth_initialized', 'integer', (c) => c.notNull().defaultTo(0))
		.addColumn('migration_completed_at', 'bigint')
		.addColumn('openrouter_api_key', 'text')
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('instance')
		.addColumn('name', 'text', (c) => c.primaryKey())
		.addColumn('value', 'text', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('data_keys')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('wrapped', 'text', (c) => c.notNull())
		.addColumn('master_key_id', 'text', (c) => c.notNull())
		.addColumn('state', 'text', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema
		.createTable('provider_connections')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
		.addColumn('provider_id', 'text', (c) => c.notNull())
		.addColumn('label', 'text', (c) => c.notNull())
		.addColumn('auth_type', 'text', (c) => c.notNull())
		.addColumn('api_key_hash', 'text')
		.addColumn('sealed_credential', 'text')
		.addColumn('last_four', 'text')
		.addColumn('delivery', 'text', (c) => c.notNull())
		.addColumn('status', 'text', (c) => c.notNull())
		.addColumn('reason', 'text')
		.addColumn('error_message', 'text')
		.addColumn('base_url', 'text')
		.addColumn('metadata', 'text', (c) => c.notNull().defaultTo('{}'))
		.addColumn('oauth_expires_at', 'bigint')
		.addColumn('oauth_account', 'text')
		.addColumn('version', 'integer', (c) => c.notNull().defaultTo(1))
		.addColumn('last_used_at', 'bigint')
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.addUniqueConstraint('provider_connections_label', ['user_id', 'provider_id', 'label'])
		.execute();
}

async function createProjects(db: Schema): Promise<void> {
	await db.schema
		.createTable('projects')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
		.addColumn('name', 'text', (c) => c.notNull())
		.addColumn('slug', 'text', (c) => c.notNull().unique())
		.addColumn('prompt', 'text', (c) => c.notNull())
		.addColumn('status', 'text', (c) => c.notNull())
		.addColumn('error', 'text')
		.addColumn('runtime', 'text', (c) => c.notNull())
		.addColumn('current_model_provider_id', 'text')
		.addColumn('current_model_id', 'text')
		.addColumn('opencode_session_id', 'text')
		.addColumn('last_active_at', 'bigint', (c) => c.notNull())
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('projects_user').on('projects').columns(['user_id', 'id']).execute();
	await db.schema
		.createTable('credential_deliveries')
		.addColumn('project_id', 'text', (c) => c.notNull().references('projects.id').onDelete('cascade'))
		.addColumn('provider_id', 'text', (c) => c.notNull())
		.addColumn('connection_id', 'text', (c) => c.notNull())
		.addColumn('version', 'integer', (c) => c.notNull())
		.addColumn('state', 'text', (c) => c.notNull())
		.addColumn('delivered_at', 'bigint')
		.addColumn('error', 'text')
		.addPrimaryKeyConstraint('credential_deliveries_pk', ['project_id', 'provider_id'])
		.execute();
	await db.schema
		.createTable('messages')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('project_id', 'text', (c) => c.notNull().references('projects.id').onDelete('cascade'))
		.addColumn('job_id', 'text')
		.addColumn('role', 'text', (c) => c.notNull())
		.addColumn('parts', 'text', (c) => c.notNull())
		.addColumn('opencode_message_id', 'text')
		.addColumn('provider_id', 'text')
		.addColumn('model_id', 'text')
		.addColumn('error', 'text')
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('completed_at', 'bigint')
		.addUniqueConstraint('messages_opencode', ['project_id', 'opencode_message_id'])
		.execute();
	await db.schema.createIndex('messages_project').on('messages').columns(['project_id', 'id']).execute();
}

async function createQueue(db: Schema): Promise<void> {
	await db.schema
		.createTable('jobs')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('type', 'text', (c) => c.notNull())
		.addColumn('lane', 'text', (c) => c.notNull())
		.addColumn('state', 'text', (c) => c.notNull())
		.addColumn('project_id', 'text')
		.addColumn('user_id', 'text')
		.addColumn('payload', 'text', (c) => c.notNull())
		.addColumn('priority', 'integer', (c) => c.notNull().defaultTo(0))
		.addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
		.addColumn('max_attempts', 'integer', (c) => c.notNull())
		.addColumn('run_at', 'bigint', (c) => c.notNull())
		.addColumn('leased_by', 'text')
		.addColumn('lease_until', 'bigint')
		.addColumn('dedupe_key', 'text')
		.addColumn('cancel_requested_at', 'bigint')
		.addColumn('waiting_for_connection_id', 'text')
		.addColumn('last_error', 'text')
		.addColumn('created_at', 'bigint', (c) => c.notNull())
		.addColumn('started_at', 'bigint')
		.addColumn('finished_at', 'bigint')
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.execute();
	const isOpen = sql<boolean>`state in ('queued', 'running', 'waiting_for_credential')`;
	await db.schema.createIndex('jobs_open').on('jobs').columns(['state', 'priority', 'run_at']).where(isOpen).execute();
	await db.schema.createIndex('jobs_dedupe').unique().on('jobs').column('dedupe_key').where(isOpen).execute();
	await db.schema.createIndex('jobs_order').on('jobs').columns(['project_id', 'lane', 'id']).where(isOpen).execute();
	await db.schema.createIndex('jobs_project').on('jobs').columns(['project_id', 'type', 'id']).execute();
	await db.schema
		.createTable('job_events')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('job_id', 'text', (c) => c.notNull().references('jobs.id').onDelete('cascade'))
		.addColumn('at', 'bigint', (c) => c.notNull())
		.addColumn('level', 'text', (c) => c.notNull())
		.addColumn('message', 'text', (c) => c.notNull())
		.execute();
	await db.schema.createIndex('job_events_job').on('job_events').columns(['job_id', 'id']).execute();
	await db.schema
		.createTable('queue_settings')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('paused', 'integer', (c) => c.notNull().defaultTo(0))
		.addColumn('updated_at', 'bigint', (c) => c.notNull())
		.execute();
}

async function createAudit(db: Schema): Promise<void> {
	await db.schema
		.createTable('audit_entries')
		.addColumn('id', 'text', (c) => c.primaryKey())
		.addColumn('at', 'bigint', (c) => c.notNull())
		.addColumn('actor', 'text', (c) => c.notNull())
		.addColumn('user_id', 'text')
		.addColumn('action', 'text', (c) => c.notNull())
		.addColumn('connection_id', 'text')
		.addColumn('project_id', 'text')
		.addColumn('job_id', 'text')
		.addColumn('detail', 'text', (c) => c.notNull().defaultTo('{}'))
		.execute();
	await db.schema.createIndex('audit_entries_user').on('audit_entries').columns(['user_id', 'id']).execute();
	await db.schema
		.createIndex('audit_entries_connection')
		.on('audit_entries')
		.columns(['connection_id', 'id'])
		.execute();
	await db.schema.createIndex('audit_entries_project').on('audit_entries').columns(['project_id', 'id']).execute();
}
