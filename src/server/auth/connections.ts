import { z } from 'zod';
import type { Db } from '#server/db/client.ts';
import type { Row } from '#server/db/schema.ts';
import { AppError } from '#server/errors.ts';
import { Secret } from '#server/secret.ts';
import { type ConnectionView, wireFormat } from '#shared/providers.ts';
import { credentialBinding, fingerprint, open, seal, sealedWith } from './credentials.ts';
import { type Keyring, lockedMessage } from './keys/keyring.ts';

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
});
export type ConnectionMetadata = z.infer<typeof connectionMetadata>;

export function metadataOf(row: Pick<ConnectionRow, 'metadata'>): ConnectionMetadata {
	return connectionMetadata.parse(JSON.parse(row.metadata));
}

/** A person's connections, in their order of preference. */
export async function listConnections(db: Db, userId: string): Promise<ConnectionRow[]> {
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

type ConnectionFacts = {
	providerName: string;
	preferred: boolean;
	projectCount: number;
	problemProjectName: string | undefined;
	/** Why its key cannot stay outside projects. */
	unsealable: string | undefined;
	/** The words of a locked keyring. */
	locked: string | undefined;
};

/** The only way a connection's row becomes JSON. */
function toConnectionView(row: ConnectionRow, facts: ConnectionFacts): ConnectionView {
	const locked = facts.locked !== undefined && row.sealed_credential !== null;
	return {
		id: row.id,
		providerId: row.provider_id,
		providerName: facts.providerName,
		label: row.label,
		authType: row.auth_type,
		status: locked ? 'error' : row.status,
		reason: locked ? 'locked' : row.reason,
		errorMessage: locked ? (facts.locked ?? null) : row.error_message,
		lastFour: row.last_four,
		delivery: row.delivery,
		unsealable: facts.unsealable ?? null,
		preferred: facts.preferred,
		scripted: row.provider_id === DEMO_PROVIDER_ID,
		baseUrl: row.base_url,
		lastUsedAt: toIso(row.last_used_at),
		createdAt: new Date(row.created_at).toISOString(),
		updatedAt: new Date(row.updated_at).toISOString(),
		projectCount: facts.projectCount,
		active: row.active === 1,
		account: row.oauth_account,
		retryAt: toIso(row.retry_at),
		problemAt: toIso(row.problem_at),
		problemProjectId: row.problem_project_id,
		problemProjectName: facts.problemProjectName ?? null,
		position: row.position,
		legacy: false,
	};
}

export type ViewDeps = {
	db: Db;
	keyring: Keyring;
	directory: { find(providerId: string): Promise<{ name: string } | undefined> };
};

/** What others know of connections; left out where a view does without. */
export type ViewFacts = {
	projectCountOf?: (row: ConnectionRow) => number;
	projectNameOf?: (projectId: string) => string | undefined;
	unsealableOf?: (row: ConnectionRow) => Promise<string | undefined>;
};

/** Views of one person's rows; projects are counted and named by the room that knows them. */
export async function viewConnections(
	deps: ViewDeps,
	rows: readonly ConnectionRow[],
	{ projectCountOf, projectNameOf, unsealableOf }: ViewFacts = {},
): Promise<ConnectionView[]> {
	const preferred = rows[0] === undefined ? null : await getPreferredProvider(deps.db, rows[0].user_id);
	const locked = lockedMessage(deps.keyring);
	const views = rows.map(async (row) =>
		toConnectionView(row, {
			providerName: await providerNameOf(deps.directory, row),
			preferred: row.provider_id === preferred,
			projectCount: projectCountOf?.(row) ?? 0,
			problemProjectName: row.problem_project_id === null ? undefined : projectNameOf?.(row.problem_project_id),
			unsealable: await unsealableOf?.(row),
			locked,
		}),
	);
	return Promise.all(views);
}

async function providerNameOf(directory: ViewDeps['directory'], row: ConnectionRow): Promise<string> {
	if (row.provider_id === DEMO_PROVIDER_ID) return DEMO_PROVIDER_NAME;
	return (await directory.find(row.provider_id))?.name ?? metadataOf(row).custom?.name ?? row.provider_id;
}

/** The sealed part of a connection. Sign-ins will be another `type`. */
const storedCredential = z.object({
	type: z.literal('api'),
	/** null for an endpoint that needs none. */
	key: z.string().nullable(),
	headers: z.record(z.string(), z.string()),
	/** The origin the key was given for; null is the provider's own. Another one in the row means tampering. */
	origin: z.string().nullable(),
});

export type Credential = { key: Secret | undefined; headers: Record<string, Secret> };

type Identity = Pick<ConnectionRow, 'id' | 'user_id' | 'provider_id' | 'base_url'>;

/** Seals a credential for one connection and one origin. */
export function sealCredential(keyring: Keyring, connection: Identity, credential: Credential): string {
	const stored: z.infer<typeof storedCredential> = {
		type: 'api',
		key: credential.key?.reveal() ?? null,
		headers: Object.fromEntries(Object.entries(credential.headers).map(([name, value]) => [name, value.reveal()])),
		origin: originOf(connection.base_url),
	};
	return seal(keyring, JSON.stringify(stored), credentialBinding(connection));
}

/** Opens what `sealCredential` made. Throws `AppError('unavailable')` when it is locked, missing, altered or moved. */
export async function openStoredCredential(db: Db, keyring: Keyring, row: ConnectionRow): Promise<Credential> {
	if (row.sealed_credential === null)
		throw new AppError('unavailable', `The connection "${row.label}" has no key any more: replace it.`);
	const dataKeyId = sealedWith(row.sealed_credential);
	// Another process may have rotated the data keys since this one read them.
	if (dataKeyId !== undefined && keyring.dataKey(dataKeyId) === undefined) await keyring.reload(db);
	const stored = storedCredential.parse(
		JSON.parse(open(keyring, row.sealed_credential, credentialBinding(row)).reveal()),
	);
	if (stored.origin !== originOf(row.base_url)) {
		throw new AppError(
			'unavailable',
			`The key of "${row.label}" was given for another address and is not sent to this one: replace it.`,
		);
	}
	const headers = Object.fromEntries(Object.entries(stored.headers).map(([name, value]) => [name, new Secret(value)]));
	return { key: stored.key === null ? undefined : new Secret(stored.key), headers };
}

export type OpenedCredential = {
	/** As OpenCode takes it. */
	auth: { type: 'api'; key: Secret; metadata?: Record<string, string> };
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
	const { key, headers } = await openStoredCredential(db, keyring, row);
	const { fields } = metadataOf(row);
	const metadata = Object.keys(fields).length === 0 ? {} : { metadata: fields };
	return { auth: { type: 'api', key: key ?? new Secret(placeholderKey(row.provider_id)), ...metadata }, headers };
}

/** What stands for a missing key: OpenCode's free models know `public`, servers that ask for none ignore `none`. */
export function placeholderKey(providerId: string): string {
	return providerId === 'opencode' ? 'public' : 'none';
}

function toIso(time: number | null): string | null {
	return time === null ? null : new Date(time).toISOString();
}

function originOf(baseUrl: string | null): string | null {
	return baseUrl === null ? null : new URL(baseUrl).origin;
}
