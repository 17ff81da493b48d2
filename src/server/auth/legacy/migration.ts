import { listAudit, recordAudit } from '#server/audit/audit.ts';
import { type Db, inTransaction } from '#server/db/client.ts';
import { deriveId } from '#server/db/id.ts';
import type { Row } from '#server/db/schema.ts';
import { AppError } from '#server/errors.ts';
import type { Logger } from '#server/logger.ts';
import { resumeWaiting } from '#server/queue/enqueue.ts';
import type { Secret } from '#server/secret.ts';
import type { User } from '#server/users/users.ts';
import type { UpdateProviderConnectionInput } from '#shared/providers.ts';
import { type Person, tellOfChange, welcomeConnection } from '../connectionChanges.ts';
import {
	type ConnectionRow,
	findConnection,
	getConnection,
	listStoredConnections,
	sealCredential,
} from '../connections.ts';
import { fingerprint, lastFour } from '../credentials.ts';
import { type Keyring, lockedMessage } from '../keys/keyring.ts';
import {
	findLegacyConnection,
	findSettings,
	forgetLegacyKey,
	isLegacyConnectionId,
	LEGACY_PROVIDER_ID,
	legacyConnectionId,
	openLegacyKey,
} from './legacyKey.ts';

type Deps = { db: Db; keyring: Keyring };

const LABEL = 'Imported';

export type Migration = { connection: ConnectionRow | undefined; migratedAt: number };

/**
 * Makes a connection of a person's legacy key, once: called again, it answers the same. The sealed legacy value stays.
 * A person without one is noted as migrated. Throws `AppError('unavailable')` while the keyring is locked.
 */
export async function migrateToProviders(deps: Deps, person: Person): Promise<Migration> {
	const { keyring } = deps;
	return inTransaction(deps.db, async (tx) => {
		const settings = await findSettings(tx, person.id);
		const done = settings?.migration_completed_at ?? null;
		if (done !== null) return { connection: await findMigrated(tx, keyring, settings), migratedAt: done };
		const migratedAt = Date.now();
		const legacy = await findLegacyConnection(tx, person.id);
		const connection = legacy && (await connectLegacy({ db: tx, keyring }, person, legacy, migratedAt));
		await noteMigrated(tx, person.id, migratedAt);
		return { connection, migratedAt };
	});
}

/** Whether a person has a legacy key that has not become a connection. */
export async function canMigrate(db: Db, userId: string): Promise<boolean> {
	return (await findLegacyConnection(db, userId)) !== undefined;
}

/** Notes that a person knows of the offer to upgrade. Returns whether that is new. */
export async function noteOffered(db: Db, userId: string): Promise<boolean> {
	const { numUpdatedRows } = await db
		.updateTable('user_settings')
		.set({ migration_offered_at: Date.now() })
		.where('user_id', '=', userId)
		.where('migration_offered_at', 'is', null)
		.executeTakeFirst();
	return numUpdatedRows > 0n;
}

/**
 * The upgrade by itself: the first sign-in with a legacy key leaves it, so that its person sees the offer; the next one
 * makes it a connection. Returns that, if it did. A key that cannot be opened keeps nobody from signing in.
 */
export async function migrateAtSignIn(
	deps: Deps & { logger: Logger },
	{ id, role }: User,
): Promise<ConnectionRow | undefined> {
	const { db, keyring, logger } = deps;
	if (lockedMessage(keyring) !== undefined || !(await canMigrate(db, id))) return undefined;
	if (await noteOffered(db, id)) return undefined;
	try {
		return (await migrateToProviders(deps, { id, role, actor: `user:${id}` })).connection;
	} catch (error) {
		if (!(error instanceof AppError)) throw error;
		logger.warn({ err: error, userId: id }, 'A legacy key was not made a connection.');
		return undefined;
	}
}

/** The row to edit: another key, label or delivery for a legacy key makes it a connection first. */
export async function upgradeBeforeEdit(
	deps: Deps,
	person: Person,
	row: ConnectionRow,
	{ apiKey, label, delivery }: UpdateProviderConnectionInput,
): Promise<ConnectionRow> {
	if (!isLegacyConnectionId(row.id) || (apiKey ?? label ?? delivery) === undefined) return row;
	return (await migrateToProviders(deps, person)).connection ?? row;
}

/**
 * A person disconnects a row: the legacy key goes if it is that row itself, or has been upgraded and is no more than a
 * copy of its connection.
 */
export async function forgetLegacyCopy(db: Db, row: ConnectionRow): Promise<void> {
	const { user_id: userId } = row;
	if (row.provider_id !== LEGACY_PROVIDER_ID) return;
	if (!isLegacyConnectionId(row.id) && (await canMigrate(db, userId))) return;
	const isThere = ((await findSettings(db, userId))?.openrouter_api_key ?? null) !== null;
	if (!isThere) return;
	await forgetLegacyKey(db, userId);
	await recordAudit(db, { actor: 'doce', userId, connectionId: legacyConnectionId(userId), action: FORGOTTEN });
}

/** Whether a person gave their legacy key up, rather than lost it with the encryption key or never had one. */
export async function hasGivenUp(db: Db, userId: string): Promise<boolean> {
	const entries = await listAudit(db, { userId, connectionId: legacyConnectionId(userId), limit: 100 });
	return entries.some(({ action }) => action === FORGOTTEN);
}

const FORGOTTEN = 'legacyKey.forgotten';

async function connectLegacy(
	{ db, keyring }: Deps,
	person: Person,
	legacy: ConnectionRow,
	migratedAt: number,
): Promise<ConnectionRow> {
	const key = await openLegacyKey(db, keyring, person.id, legacy.sealed_credential ?? '');
	const accounts = await listAccounts(db, person.id);
	const twin = accounts.find((row) => row.api_key_hash === fingerprint(keyring, key));
	// Prompts that waited for the legacy key wait no longer, whichever connection has it now.
	await resumeWaiting(db, { connectionId: legacyConnectionId(person.id) });
	if (twin !== undefined) return twin;
	const row = newRow(keyring, person, { key, migratedAt, accounts });
	await db.insertInto('provider_connections').values(row).execute();
	await welcomeConnection(db, person, LEGACY_PROVIDER_ID);
	await tellOfChange(db, person, 'connection.migrated', row, { tested: false, delivery: row.delivery });
	return getConnection(db, person.id, row.id);
}

type Origin = { key: Secret; migratedAt: number; accounts: ConnectionRow[] };

function newRow(keyring: Keyring, person: Person, { key, migratedAt, accounts }: Origin): ConnectionRow {
	const identity = {
		id: migratedId(person.id, migratedAt),
		user_id: person.id,
		provider_id: LEGACY_PROVIDER_ID,
		base_url: null,
		metadata: JSON.stringify({ custom: null, fields: {} }),
	};
	return {
		...identity,
		label: freeLabel(accounts),
		auth_type: 'api',
		api_key_hash: fingerprint(keyring, key),
		sealed_credential: sealCredential(keyring, identity, { key, headers: {} }),
		last_four: lastFour(key),
		delivery: 'direct',
		status: 'connected',
		// Real use or a test says more.
		reason: 'not_tested',
		error_message: null,
		oauth_expires_at: null,
		oauth_account: null,
		oauth_renew_at: null,
		oauth_claim: null,
		oauth_refusals: 0,
		active: accounts.length === 0 ? 1 : 0,
		position: migratedAt,
		retry_at: null,
		problem_at: null,
		problem_project_id: null,
		trouble_count: 0,
		version: 1,
		last_used_at: null,
		created_at: migratedAt,
		updated_at: migratedAt,
	};
}

function freeLabel(accounts: ConnectionRow[]): string {
	const taken = new Set(accounts.map(({ label }) => label));
	for (let n = 1; ; n++) {
		const label = n === 1 ? LABEL : `${LABEL} ${n}`;
		if (!taken.has(label)) return label;
	}
}

/** The connection that a migration made, as long as it is there. */
async function findMigrated(
	db: Db,
	keyring: Keyring,
	settings: Row<'user_settings'> | undefined,
): Promise<ConnectionRow | undefined> {
	if (settings?.migration_completed_at == null) return undefined;
	const { user_id: userId, openrouter_api_key: sealed } = settings;
	const made = await findConnection(db, migratedId(userId, settings.migration_completed_at));
	if (made !== undefined || sealed === null || lockedMessage(keyring) !== undefined) return made;
	// The same key had been connected before by hand.
	const hash = fingerprint(keyring, await openLegacyKey(db, keyring, userId, sealed));
	return (await listAccounts(db, userId)).find((row) => row.api_key_hash === hash);
}

async function listAccounts(db: Db, userId: string): Promise<ConnectionRow[]> {
	const rows = await listStoredConnections(db, userId);
	return rows.filter((row) => row.provider_id === LEGACY_PROVIDER_ID);
}

async function noteMigrated(db: Db, userId: string, migratedAt: number): Promise<void> {
	const change = { provider_auth_initialized: 1, migration_completed_at: migratedAt, updated_at: migratedAt };
	await db
		.insertInto('user_settings')
		.values({ ...change, user_id: userId })
		.onConflict((conflict) => conflict.column('user_id').doUpdateSet(change))
		.execute();
}

function migratedId(userId: string, migratedAt: number): string {
	return deriveId(migratedAt, 'migrated connection', userId);
}
