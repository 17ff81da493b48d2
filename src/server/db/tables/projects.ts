import type { Generated } from 'kysely';
import type { LimitName } from '#shared/limits.ts';
import type { ProjectStatus } from '#shared/projects.ts';
import type { FallbackMode } from '#shared/providers.ts';

/** Projects, what is said in them, and what they cost. */
export type ProjectTables = {
	projects: ProjectsTable;
	messages: MessagesTable;
	gateway_tokens: GatewayTokensTable;
	usage_records: UsageRecordsTable;
	budgets: BudgetsTable;
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
