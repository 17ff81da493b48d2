import type { Generated } from 'kysely';
import type {
	AuthType,
	ConnectionReason,
	ConnectionStatus,
	Delivery,
	OAuthFlow,
	OAuthState,
} from '#shared/providers.ts';
import type { ReceiptKind, ReceiptState } from '#shared/receipts.ts';

/** Credentials: sealed, and where they went. */
export type ConnectionTables = {
	instance: InstanceTable;
	data_keys: DataKeysTable;
	provider_connections: ProviderConnectionsTable;
	oauth_attempts: OAuthAttemptsTable;
	credential_receipts: CredentialReceiptsTable;
	credential_deliveries: CredentialDeliveriesTable;
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
