import type { Generated } from 'kysely';
import type { FallbackMode } from '#shared/providers.ts';

/** Who uses doce, and what is kept of them. */
export type PeopleTables = {
	users: UsersTable;
	user_sessions: UserSessionsTable;
	accounts: AccountsTable;
	verifications: VerificationsTable;
	api_tokens: ApiTokensTable;
	user_settings: UserSettingsTable;
	legacy_imports: LegacyImportsTable;
};

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
