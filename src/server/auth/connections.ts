import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Db } from '#server/db/client.ts';
import type { Row } from '#server/db/schema.ts';
import { AppError } from '#server/errors.ts';
import { Secret } from '#server/secret.ts';
import { wireFormat } from '#shared/providers.ts';
import type { OpenCodeAuth } from '../opencode/client.ts';
import { credentialBinding, fingerprint, open, seal, sealedWith } from './credentials.ts';
import { placesOfFields } from './input/fields.ts';
import type { Keyring } from './keys/keyring.ts';
import {
	findLegacyConnection,
	isLegacyConnectionId,
	LEGACY_PROVIDER_ID,
	openLegacyKey,
	ownerOfLegacyConnection,
} from './legacy/legacyKey.ts';
import { forProject, fromStored, type SignIn, storedSignIn, toStored } from './oauth/signIn.ts';
import { originsOfWellKnown, storedWellKnown } from './wellknown/stored.ts';

export type ConnectionRow = Row<'provider_connections'>;

/** The provider that ships with doce; the address it answers at belongs to the running server, so no row holds it. */
export const DEMO_PROVIDER_ID = 'doce-demo';
export const DEMO_PROVIDER_NAME = 'Demo (scripted)';

/** What a connection's row holds beside its columns, as JSON. Header values are sealed with the key, not here. */
const connectionMetadata = z.object({
	/** Set for an endpoint the person described: one of their own, or a known provider at another address. */
	custom: z
		.object({
			name: z.string(),
			models: z.array(z.object({ id: z.string(), name: z.string() })),
			/** null: the catalogue's own format for this provider. */
			format: wireFormat.nullable(),
			local: z.boolean(),
			headerNames: z.array(z.string()),
		})
		.nullable(),
	/** Extra fields the provider asks for, such as an Azure resource name. */
	fields: z.record(z.string(), z.string()),
	/** An admin's word that a private address is meant in a field. */
	local: z.boolean().optional(),
	/** Set for a provider that an organisation's document configures. */
	wellKnown: storedWellKnown.optional(),
});
export type ConnectionMetadata = z.infer<typeof connectionMetadata>;

export function metadataOf(row: Pick<ConnectionRow, 'metadata'>): ConnectionMetadata {
	return connectionMetadata.parse(JSON.parse(row.metadata));
}

/** A person's connections, in their order of preference; a legacy key is the last, where no connection replaces it. */
export async function listConnections(db: Db, userId: string): Promise<ConnectionRow[]> {
	const rows = await listStoredConnections(db, userId);
	if (rows.some((row) => row.provider_id === LEGACY_PROVIDER_ID)) return rows;
	const legacy = await findLegacyConnection(db, userId);
	return legacy === undefined ? rows : [...rows, legacy];
}

/** The connections that are rows, in their person's order of preference. */
export async function listStoredConnections(db: Db, userId: string): Promise<ConnectionRow[]> {
	return db
		.selectFrom('provider_connections')
		.selectAll()
		.where('user_id', '=', userId)
		.orderBy('position')
		.orderBy('id')
		.execute();
}

/** Throws `not_found`, also for another person's connection. */
export async function getConnection(db: Db, userId: string, connectionId: string): Promise<ConnectionRow> {
	const row = await findConnection(db, connectionId);
	if (row?.user_id !== userId)
		throw new AppError('not_found', 'There is no such connection. It may have been disconnected.');
	return row;
}

export async function findConnection(db: Db, connectionId: string): Promise<ConnectionRow | undefined> {
	if (isLegacyConnectionId(connectionId)) {
		const rows = await listConnections(db, ownerOfLegacyConnection(connectionId));
		return rows.find((row) => row.id === connectionId);
	}
	return db.selectFrom('provider_connections').selectAll().where('id', '=', connectionId).executeTakeFirst();
}

/** The connection that serves a person's projects for a provider: the account in use. */
export async function findConnectionForProvider(
	db: Db,
	userId: string,
	providerId: string,
): Promise<ConnectionRow | undefined> {
	const rows = (await listConnections(db, userId)).filter((row) => row.provider_id === providerId);
	return rows.find((row) => row.active === 1) ?? rows[0];
}

/** Whose connection a presented key is; undefined for a wrong key. This is how the demo knows its callers. */
export async function findConnectionByKey(
	db: Db,
	keyring: Keyring,
	providerId: string,
	key: Secret,
): Promise<ConnectionRow | undefined> {
	return db
		.selectFrom('provider_connections')
		.selectAll()
		.where('provider_id', '=', providerId)
		.where('api_key_hash', '=', fingerprint(keyring, key))
		.executeTakeFirst();
}

/** The provider that new projects start with; null when there is none. */
export async function getPreferredProvider(db: Db, userId: string): Promise<string | null> {
	const row = await db
		.selectFrom('user_settings')
		.select('preferred_provider_id')
		.where('user_id', '=', userId)
		.executeTakeFirst();
	return row?.preferred_provider_id ?? null;
}

export async function markConnectionUsed(db: Db, connectionId: string, at = Date.now()): Promise<void> {
	await db.updateTable('provider_connections').set({ last_used_at: at }).where('id', '=', connectionId).execute();
}

const storedKey = z.object({
	type: z.literal('api'),
	/** null for an endpoint that needs none. */
	key: z.string().nullable(),
	headers: z.record(z.string(), z.string()),
	/** The origin the key was given for; null is the provider's own. Another one in the row means tampering. */
	origin: z.string().nullable(),
	/** What else decides where the key goes, such as an Azure resource name; of an older row nothing is known. */
	places: z.array(z.string()).optional(),
});

/** The sealed part of a connection. */
const storedCredential = z.discriminatedUnion('type', [storedKey, storedSignIn]);

export type Credential = { key: Secret | undefined; headers: Record<string, Secret> };

type Identity = Pick<ConnectionRow, 'id' | 'user_id' | 'provider_id' | 'base_url' | 'metadata'>;

/** Seals a credential for one connection and the places it is meant for. */
export function sealCredential(keyring: Keyring, connection: Identity, credential: Credential | SignIn): string {
	const stored: z.infer<typeof storedCredential> =
		'type' in credential ? toStored(credential) : toStoredKey(connection, credential);
	return seal(keyring, JSON.stringify(stored), credentialBinding(connection));
}

function toStoredKey(connection: Identity, { key, headers }: Credential): z.infer<typeof storedKey> {
	return {
		type: 'api',
		key: key?.reveal() ?? null,
		headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()])),
		origin: originOf(connection.base_url),
		places: placesOf(connection),
	};
}

/**
 * Opens a connection's key. A sign-in has none, and no headers. Throws `AppError('unavailable')` when it is locked,
 * missing, altered or moved.
 */
export async function openStoredCredential(db: Db, keyring: Keyring, row: ConnectionRow): Promise<Credential> {
	const stored = await openSealed(db, keyring, row);
	return 'access' in stored ? { key: undefined, headers: {} } : stored;
}

/** Opens the secret of a connection that a person signed in to; throws as `openStoredCredential` does. */
export async function openSignIn(db: Db, keyring: Keyring, row: ConnectionRow): Promise<SignIn> {
	const stored = await openSealed(db, keyring, row);
	if ('access' in stored) return stored;
	throw new AppError('unavailable', `"${row.label}" is not a sign-in.`);
}

async function openSealed(db: Db, keyring: Keyring, row: ConnectionRow): Promise<Credential | SignIn> {
	const sealed = requireSealed(row);
	if (isLegacyConnectionId(row.id)) return { key: await openLegacyKey(db, keyring, row.user_id, sealed), headers: {} };
	const dataKeyId = sealedWith(sealed);
	// Another process may have rotated the data keys since this one read them.
	if (dataKeyId !== undefined && keyring.dataKey(dataKeyId) === undefined) await keyring.reload(db);
	const stored = storedCredential.parse(JSON.parse(open(keyring, sealed, credentialBinding(row)).reveal()));
	if (stored.type === 'oauth') return fromStored(stored);
	const isMoved = stored.places !== undefined && !isDeepStrictEqual(stored.places, placesOf(row));
	if (stored.origin !== originOf(row.base_url) || isMoved) {
		throw new AppError(
			'unavailable',
			`The key of "${row.label}" was given for another address and is not sent to this one: replace it.`,
		);
	}
	const headers = Object.fromEntries(Object.entries(stored.headers).map(([name, value]) => [name, new Secret(value)]));
	return { key: stored.key === null ? undefined : new Secret(stored.key), headers };
}

/** Where else than to its base URL a connection's key goes, or what decides it: with any of it changed, the key is asked for again. */
export function placesOf(row: Pick<ConnectionRow, 'metadata'>): string[] {
	const { fields, wellKnown } = metadataOf(row);
	return [...placesOfFields(fields), ...(wellKnown === undefined ? [] : originsOfWellKnown(wellKnown))].sort();
}

export type OpenedCredential = {
	/** As OpenCode takes it. */
	auth: OpenCodeAuth;
	/** Extra headers of a custom endpoint. */
	headers: Record<string, Secret>;
};

/**
 * A connection's credential as a project's OpenCode needs it. An endpoint without a key gets a word in its place,
 * since OpenCode takes a provider for connected only when there is one.
 */
export async function openCredential(db: Db, keyring: Keyring, connectionId: string): Promise<OpenedCredential> {
	const row = await findConnection(db, connectionId);
	if (row === undefined) throw new AppError('not_found', 'The provider was disconnected.');
	const stored = await openSealed(db, keyring, row);
	if ('access' in stored) return { auth: forProject(stored, row.provider_id), headers: {} };
	const { key, headers } = stored;
	return { auth: asApiKey(row, key ?? new Secret(placeholderKey(row.provider_id))), headers };
}

/** The connection as OpenCode is told of it, with a key or what stands for one. */
export function asApiKey(row: ConnectionRow, key: Secret): OpenCodeAuth & { type: 'api' } {
	const { fields } = metadataOf(row);
	return { type: 'api', key, ...(Object.keys(fields).length > 0 && { metadata: fields }) };
}

/** The sealed secret of a connection; throws `AppError('unavailable')` when it was taken away. */
export function requireSealed({ sealed_credential: sealed, label }: ConnectionRow): string {
	if (sealed === null) throw new AppError('unavailable', `The connection "${label}" has no key any more: replace it.`);
	return sealed;
}

/** What stands for a missing key: OpenCode's free models know `public`, servers that ask for none ignore `none`. */
export function placeholderKey(providerId: string): string {
	return providerId === 'opencode' ? 'public' : 'none';
}

function originOf(baseUrl: string | null): string | null {
	return baseUrl === null ? null : new URL(baseUrl).origin;
}
