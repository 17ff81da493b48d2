import { newId } from '#server/db/id.ts';
import type { Secret } from '#server/secret.ts';
import type { ConnectProviderInput, Delivery } from '#shared/providers.ts';
import type { Person } from '../connectionChanges.ts';
import { type ConnectionRow, type Credential, DEMO_PROVIDER_ID, sealCredential } from '../connections.ts';
import { fingerprint, lastFour } from '../credentials.ts';
import type { Keyring } from '../keys/keyring.ts';
import { NO_SIGN_IN } from '../oauth/signIn.ts';
import type { Endpoint } from './endpoint.ts';

const DEFAULT_LABEL = 'Default';

type NewConnection = { input: ConnectProviderInput; endpoint: Endpoint; delivery: Delivery; key: Secret | undefined };

/** The row of a connection that is about to be made. */
export function newRow(
	keyring: Keyring,
	person: Person,
	{ input, endpoint, delivery, key }: NewConnection,
): ConnectionRow {
	const place = { base_url: endpoint.baseUrl, metadata: JSON.stringify(endpoint.metadata) };
	const identity = { id: newId(), user_id: person.id, provider_id: input.providerId, ...place };
	const now = Date.now();
	return {
		...identity,
		label: input.label ?? DEFAULT_LABEL,
		auth_type: input.authType,
		...sealedColumns(keyring, identity, { key, headers: endpoint.target.headers }),
		delivery,
		...savedStatus(input.skipTest === true),
		...NO_SIGN_IN,
		active: 1,
		position: now,
		version: 1,
		last_used_at: null,
		created_at: now,
		updated_at: now,
	};
}

type Identity = Parameters<typeof sealCredential>[1];

/** The columns that hold a credential, and what may be seen of it. */
export function sealedColumns(keyring: Keyring, identity: Identity, credential: Credential) {
	const { key } = credential;
	return {
		api_key_hash: key === undefined ? null : fingerprint(keyring, key),
		sealed_credential: sealCredential(keyring, identity, credential),
		// The demo's key is doce's own: nobody knows it by its end.
		last_four: key === undefined || identity.provider_id === DEMO_PROVIDER_ID ? null : lastFour(key),
	};
}

/** The status of a credential that was just saved. */
export function savedStatus(untested: boolean) {
	return {
		status: 'connected' as const,
		reason: untested ? ('not_tested' as const) : null,
		error_message: null,
		retry_at: null,
		problem_at: null,
		problem_project_id: null,
		trouble_count: 0,
	};
}
