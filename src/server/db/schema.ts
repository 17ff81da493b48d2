import type { Generated, Selectable, Updateable } from 'kysely';
import type { LimitName } from '#shared/limits.ts';
import type { ProjectStatus } from '#shared/projects.ts';
import type {
	AuthType,
	ConnectionReason,
	ConnectionStatus,
	Delivery,
	FallbackMode,
	OAuthFlow,
	OAuthState,
} from '#shared/providers.ts';
import type { JobState, Lane, LogLevel } from '#shared/queue.ts';
import type { ReceiptKind, ReceiptState } from '#shared/receipts.ts';

/*
 * Columns are portable between SQLite and PostgreSQL: text ids that sort by age (`newId`), times in integer
 * milliseconds, JSON as text, booleans as 0 and 1. Each table has one owner room, named above it.
 */

/** users (through better-auth, which fixes the meaning of most columns; its times are ISO 8601 text). */
type UsersTable = {
	id: string;
	name: string;
	email: string;
	email_verified: number;
	image: string | null;
	username: string;
	display_username: string | null;
	role: 'admin' | 'member';
	created_at: string;
	updated_at: string;
};

type UserSessionsTable = {
	id: string;
	user_id: string;
	token: string;
	expires_at: string;
	ip_address: string | null;
	user_agent: string | null;
	created_at: string;
	updated_at: string;
};

type AccountsTable = {
	id: string;
	user_id: string;
	account_id: string;
	provider_id: string;
	password: string | null;
	access_token: string | null;
	refresh_token: string | null;
	id_token: string | null;
	access_token_expires_at: string | null;
	refresh_token_expires_at: string | null;
	scope: string | null;
	created_at: string;
	updated_at: string;
};

type VerificationsTable = {
	id: string;
	identifier: string;
	value: string;
	expires_at: string;
	created_at: string;
	updated_at: string;
};

/** users: tokens for scripts. Only the SHA-256 of a token is stored. */
type ApiTokensTable = {
	id: string;
	user_id: string;
	name: string;
	token_hash: string;
	created_at: number;
	last_used_at: number | null;
	revoked_at: number | null;
};

/** auth */
type UserSettingsTable = {
	user_id: string;
	preferred_provider_id: string | null;
	provider_auth_initialized: number;
	migration_completed_at: number | null;
	/** The legacy key, sealed. */
	openrouter_api_key: string | null;
	/** The model of the legacy settings: what new projects with OpenRouter start with. */
	default_model_id: string | null;
	/** When the person first signed in with a legacy key; the sign-in after that one makes it a connection. */
	migration_offered_at: number | null;
	/** JSON: what was found out about the legacy key, which has no row of its own. */
	legacy_status: string | null;
	/** Whether a prompt may go on with another provider. */
	fallback: Generated<FallbackMode>;
	/** 1: a project returns to its own provider as soon as that works again. */
	fallback_return: Generated<number>;
	updated_at: number;
};

/** legacy: what was taken over from an earlier application, so that a second import doubles nothing. */
type LegacyImportsTable = {
	kind: 'person' | 'project' | 'key';
	/** The derived id of the person or project. */
	source_id: string;
	/** The person or project here, which may be gone again. */
	target_id: string;
	imported_at: number;
};

/** auth: facts of this installation, such as its id and the sealed check string. */
type InstanceTable = { name: string; value: string };

/** auth */
type DataKeysTable = {
	id: string;
	/** The data key, wrapped by a key derived from the master key whose id is `master_key_id`. */
	wrapped: string;
	master_key_id: string;
	state: 'active' | 'decrypt_only' | 'retired';
	created_at: number;
};

/** auth */
type ProviderConnectionsTable = {
	id: string;
	user_id: string;
	provider_id: string;
	label: string;
	auth_type: AuthType;
	/** Keyed fingerprint of the secret, for "same key again?". It cannot be turned back into the key. */
	api_key_hash: string | null;
	/** `version|data key id|nonce|ciphertext|tag`; null once disconnected. */
	sealed_credential: string | null;
	last_four: string | null;
	delivery: Delivery;
	status: ConnectionStatus;
	reason: ConnectionReason | null;
	error_message: string | null;
	base_url: string | null;
	/** JSON of `ConnectionMetadata`; nothing secret. */
	metadata: string;
	oauth_expires_at: number | null;
	oauth_account: string | null;
	/** When a sign-in is to be renewed, or ends for good where it cannot be; null: never. */
	oauth_renew_at: number | null;
	/** The process that renews it now: `workerId()/<ms>`. Another one waits for it as long as it lives. */
	oauth_claim: string | null;
	/** How often in a row the provider has refused to renew it, in words that do not say that it has ended. */
	oauth_refusals: Generated<number>;
	/** 1 for the one account of a provider that projects use. */
	active: Generated<number>;
	/** The person's order of preference, smallest first, across all providers. */
	position: Generated<number>;
	/** Until when the provider limits requests. */
	retry_at: number | null;
	/** When, and in which project, the present trouble was seen. */
	problem_at: number | null;
	problem_project_id: string | null;
	/** How often in a row it did not serve, since an answer: each time it is looked at later. */
	trouble_count: Generated<number>;
	/** Grows with every change that projects must learn of. */
	version: number;
	last_used_at: number | null;
	created_at: number;
	updated_at: number;
};

/** projects: which connection's credential, and which version of it, a project's OpenCode holds for each provider. */
type CredentialDeliveriesTable = {
	project_id: string;
	provider_id: string;
	connection_id: string;
	version: number;
	/** `pending` is written before the key leaves, so that a crash between the two is seen. */
	state: 'pending' | 'delivered' | 'failed';
	delivered_at: number | null;
	error: string | null;
};

/**
 * projects: what became of a change to a connection in each project that it concerned. `deliver` ends when OpenCode
 * uses the version, `remove` when a read-back has shown that the credential is gone.
 */
type CredentialReceiptsTable = {
	connection_id: string;
	version: number;
	project_id: string;
	user_id: string;
	provider_id: string;
	kind: ReceiptKind;
	state: ReceiptState;
	/** Why it is pending or failed, or how it was proved. */
	detail: string | null;
	job_id: string | null;
	created_at: number;
	settled_at: number | null;
};

/** auth: one try to sign in to a provider. */
type OAuthAttemptsTable = {
	id: string;
	user_id: string;
	provider_id: string;
	state: OAuthState;
	flow: OAuthFlow;
	/** JSON; nothing secret. */
	detail: Generated<string>;
	message: string | null;
	connection_id: string | null;
	job_id: string | null;
	expires_at: number;
	created_at: number;
	updated_at: number;
};

/** projects */
type ProjectsTable = {
	id: string;
	user_id: string;
	name: string;
	slug: string;
	prompt: string;
	status: ProjectStatus;
	error: string | null;
	runtime: string;
	current_model_provider_id: string | null;
	current_model_id: string | null;
	/** Null before one was first asked for; empty while that is under way. */
	opencode_session_id: string | null;
	/** Overrides the person's own setting. */
	fallback: FallbackMode | null;
	/** The connection, and its model, that stand in for the project's own provider since `fallback_since`. */
	fallback_connection_id: string | null;
	fallback_model_id: string | null;
	fallback_since: number | null;
	/** 1: only connections whose key stays outside may serve it. */
	sealed_only: Generated<number>;
	/** What it may use; null: as it is set for all projects. */
	memory_mb: number | null;
	cpus: number | null;
	disk_mb: number | null;
	/** The limit that it ran into last, until that was raised or its person has seen it. */
	reached: LimitName | null;
	/** When its person or its agent last used it, to the minute. */
	last_used_at: Generated<number>;
	/** When its person last wrote or woke it: what lists are ordered by. */
	last_active_at: number;
	created_at: number;
	updated_at: number;
};

/** gateway: what a project shows in place of a key. Only the SHA-256 of a token is stored. */
type GatewayTokensTable = {
	token_hash: string;
	project_id: string;
	connection_id: string;
	user_id: string;
	created_at: number;
	expires_at: number;
	revoked_at: number | null;
};

/** usage: one call to a provider. */
type UsageRecordsTable = {
	id: string;
	at: number;
	/** UTC, `YYYY-MM-DD`. */
	day: string;
	user_id: string;
	project_id: string;
	connection_id: string;
	provider_id: string;
	model_id: string;
	/** The provider's HTTP status; 0 when it gave none. */
	status: number;
	/** Without the cached ones. */
	input_tokens: Generated<number>;
	cached_tokens: Generated<number>;
	/** Without the reasoning ones. */
	output_tokens: Generated<number>;
	reasoning_tokens: Generated<number>;
	/** By the catalogue's prices, in millionths of a US dollar. */
	price_micro_usd: Generated<number>;
	duration_ms: Generated<number>;
};

/** usage: how much a project or a connection may cost in a day or a month (UTC). */
type BudgetsTable = {
	id: string;
	user_id: string;
	subject: 'project' | 'connection';
	subject_id: string;
	period: 'day' | 'month';
	limit_micro_usd: number;
	/** The day or month in which the person was warned last. */
	warned_for: string | null;
	created_at: number;
	updated_at: number;
};

/** chat */
type MessagesTable = {
	id: string;
	project_id: string;
	job_id: string | null;
	role: 'user' | 'assistant';
	/** JSON of `MessagePart[]`. */
	parts: string;
	/** The id under which OpenCode knows this message; set before it is first sent, so that it is sent once. */
	opencode_message_id: string | null;
	provider_id: string | null;
	model_id: string | null;
	/** JSON of `MessageError`. */
	error: string | null;
	/** JSON of `MessageNote`. */
	note: string | null;
	created_at: number;
	completed_at: number | null;
};

/** queue: the truth about durable work, whichever engine decides when it runs. */
type JobsTable = {
	id: string;
	type: string;
	lane: Lane;
	state: JobState;
	project_id: string | null;
	user_id: string | null;
	/** JSON: ids only. */
	payload: string;
	priority: number;
	attempts: number;
	max_attempts: number;
	run_at: number;
	leased_by: string | null;
	lease_until: number | null;
	dedupe_key: string | null;
	cancel_requested_at: number | null;
	waiting_for_connection_id: string | null;
	last_error: string | null;
	created_at: number;
	started_at: number | null;
	finished_at: number | null;
	updated_at: number;
};

type JobEventsTable = {
	id: string;
	job_id: string;
	at: number;
	level: LogLevel;
	message: string;
};

type QueueSettingsTable = { id: string; paused: number; updated_at: number };

/** audit */
type AuditEntriesTable = {
	id: string;
	at: number;
	/** `user:<id>`, `token:<id>` or `doce`. */
	actor: string;
	/** Whose connection or project it concerns. */
	user_id: string | null;
	action: string;
	connection_id: string | null;
	project_id: string | null;
	job_id: string | null;
	/** JSON; nothing secret. */
	detail: string;
};

export type DatabaseSchema = {
	users: UsersTable;
	user_sessions: UserSessionsTable;
	accounts: AccountsTable;
	verifications: VerificationsTable;
	api_tokens: ApiTokensTable;
	user_settings: UserSettingsTable;
	legacy_imports: LegacyImportsTable;
	instance: InstanceTable;
	data_keys: DataKeysTable;
	provider_connections: ProviderConnectionsTable;
	oauth_attempts: OAuthAttemptsTable;
	credential_receipts: CredentialReceiptsTable;
	credential_deliveries: CredentialDeliveriesTable;
	projects: ProjectsTable;
	gateway_tokens: GatewayTokensTable;
	usage_records: UsageRecordsTable;
	budgets: BudgetsTable;
	messages: MessagesTable;
	jobs: JobsTable;
	job_events: JobEventsTable;
	queue_settings: QueueSettingsTable;
	audit_entries: AuditEntriesTable;
};

export type Row<T extends keyof DatabaseSchema> = Selectable<DatabaseSchema[T]>;
export type RowUpdate<T extends keyof DatabaseSchema> = Updateable<DatabaseSchema[T]>;
