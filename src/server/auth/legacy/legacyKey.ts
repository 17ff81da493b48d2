import { z } from 'zod';
import type { Db } from '#server/db/client.ts';
import type { Row } from '#server/db/schema.ts';
import type { Secret } from '#server/secret.ts';
import { connectionReason, connectionStatus } from '#shared/providers.ts';
import { type Binding, open, type SealingKeys, seal, sealedWith } from '../credentials.ts';
import type { Keyring } from '../keys/keyring.ts';

/** The one provider that the application before knew. */
export const LEGACY_PROVIDER_ID = 'openrouter';

const PREFIX = 'legacy:';

/** The id under which a person's legacy key passes for a connection. */
export function legacyConnectionId(userId: string): string {
	return PREFIX + userId;
}

/** Whether an id stands for a legacy key. No row has it: what updates the row changes nothing. */
export function isLegacyConnectionId(connectionId: string): boolean {
	return connectionId.startsWith(PREFIX);
}

/** Whose legacy key an id stands for. */
export function ownerOfLegacyConnection(connectionId: string): string {
	return connectionId.slice(PREFIX.length);
}

/** The people's settings hold one sealed text: the key of the application that came before. */
export function legacyKeyBinding(userId: string): Binding {
	return {
		purpose: 'credential',
		table: 'user_settings',
		row: userId,
		owner: userId,
		provider: LEGACY_PROVIDER_ID,
		field: 'openrouter_api_key',
	};
}

export async function findSettings(db: Db, userId: string): Promise<Row<'user_settings'> | undefined> {
	return db.selectFrom('user_settings').selectAll().where('user_id', '=', userId).executeTakeFirst();
}

/** Seals a legacy key for a person. A new key is a new offer to upgrade it. */
export async function storeLegacyKey(db: Db, keys: SealingKeys, userId: string, key: Secret): Promise<void> {
	const sealed = seal(keys, key.reveal(), legacyKeyBinding(userId));
	await save(db, userId, {
		openrouter_api_key: sealed,
		migration_completed_at: null,
		migration_offered_at: null,
		legacy_status: null,
	});
}

/** Opens a person's sealed legacy key. Throws `AppError('unavailable')` when it is locked, altered or moved. */
export async function openLegacyKey(db: Db, keyring: Keyring, userId: string, sealed: string): Promise<Secret> {
	const dataKeyId = sealedWith(sealed);
	// Another process may have rotated the data keys since this one read them.
	if (dataKeyId !== undefined && keyring.dataKey(dataKeyId) === undefined) await keyring.reload(db);
	return open(keyring, sealed, legacyKeyBinding(userId));
}

/** Keeps the model that the person's new projects began with. */
export async function storeDefaultModel(db: Db, userId: string, modelId: string): Promise<void> {
	await save(db, userId, { default_model_id: modelId });
}

/** Removes a person's sealed legacy key from this server. */
export async function forgetLegacyKey(db: Db, userId: string): Promise<void> {
	await save(db, userId, { openrouter_api_key: null });
}

/** The model that new projects with OpenRouter start with; null when the person never had one. */
export async function getDefaultModel(db: Db, userId: string): Promise<string | null> {
	return (await findSettings(db, userId))?.default_model_id ?? null;
}

/**
 * A person's legacy key as a connection, as long as it has not been upgraded. It is no row: it has no state of its
 * own, is always delivered as it is, and ends where the person has a connection to the provider.
 */
export async function findLegacyConnection(db: Db, userId: string): Promise<Row<'provider_connections'> | undefined> {
	const settings = await findSettings(db, userId);
	if (settings === undefined || settings.openrouter_api_key === null) return undefined;
	if (settings.migration_completed_at !== null) return undefined;
	return {
		id: legacyConnectionId(userId),
		user_id: userId,
		provider_id: LEGACY_PROVIDER_ID,
		label: 'Legacy key',
		auth_type: 'api',
		api_key_hash: null,
		sealed_credential: settings.openrouter_api_key,
		last_four: null,
		delivery: 'direct',
		status: 'connected',
		reason: 'not_tested',
		error_message: null,
		base_url: null,
		metadata: JSON.stringify({ custom: null, fields: {} }),
		oauth_expires_at: null,
		oauth_account: null,
		oauth_renew_at: null,
		oauth_claim: null,
		oauth_refusals: 0,
		active: 1,
		position: Number.MAX_SAFE_INTEGER,
		retry_at: null,
		problem_at: null,
		problem_project_id: null,
		trouble_count: 0,
		...(settings.legacy_status === null ? {} : legacyStatus.parse(JSON.parse(settings.legacy_status))),
		version: 1,
		last_used_at: null,
		created_at: settings.updated_at,
		updated_at: settings.updated_at,
	};
}

/** What use and tests have found out about a legacy key. */
const legacyStatus = z.object({
	status: connectionStatus,
	reason: connectionReason.nullable(),
	error_message: z.string().nullable(),
	retry_at: z.number().nullable(),
	problem_at: z.number().nullable(),
	problem_project_id: z.string().nullable(),
	trouble_count: z.number(),
});
export type LegacyStatus = z.infer<typeof legacyStatus>;

export async function saveLegacyStatus(db: Db, userId: string, status: LegacyStatus): Promise<void> {
	await save(db, userId, { legacy_status: JSON.stringify(legacyStatus.parse(status)) });
}

type Change = Partial<Omit<Row<'user_settings'>, 'user_id' | 'updated_at'>>;

async function save(db: Db, userId: string, change: Change): Promise<void> {
	const updated_at = Date.now();
	await db
		.insertInto('user_settings')
		.values({ provider_auth_initialized: 0, ...change, user_id: userId, updated_at })
		.onConflict((conflict) => conflict.column('user_id').doUpdateSet({ ...change, updated_at }))
		.execute();
}
