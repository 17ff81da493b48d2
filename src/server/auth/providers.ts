import { randomBytes } from 'node:crypto';
import { type Db, inTransaction } from '#server/db/client.ts';
import { newId } from '#server/db/id.ts';
import { AppError } from '#server/errors.ts';
import { Secret } from '#server/secret.ts';
import type {
	AuthType,
	ConnectProviderInput,
	Delivery,
	ProbeResult,
	UpdateProviderConnectionInput,
} from '#shared/providers.ts';
import {
	auditConnection,
	changePreferred,
	type Person,
	passOnRoles,
	requireUnique,
	tellOfChange,
	welcomeConnection,
} from './connectionChanges.ts';
import {
	type ConnectionRow,
	type Credential,
	DEMO_PROVIDER_ID,
	findConnection,
	findConnectionForProvider,
	getConnection,
	openStoredCredential,
	placeholderKey,
	sealCredential,
} from './connections.ts';
import { fingerprint, lastFour } from './credentials.ts';
import {
	type Endpoint,
	endpointFromInput,
	findKnown,
	type ProviderDirectory,
	targetFromRow,
} from './input/endpoint.ts';
import { isBlank, readKey } from './input/key.ts';
import { type Keyring, lockedMessage } from './keys/keyring.ts';
import { probe } from './probe.ts';
import { accepted, type ProbeOutcome } from './probes/outcome.ts';
import type { ProbeTarget } from './probes/targets.ts';
import { chooseDelivery } from './sealing/sealable.ts';
import { reportStatus } from './status.ts';

export type ProvidersDeps = {
	db: Db;
	keyring: Keyring;
	directory: ProviderDirectory;
	/** For all calls of one test together; 20 s unless set, in ms. */
	probeTimeoutMs?: number | undefined;
};

const DEFAULT_LABEL = 'Default';

/**
 * Connects a provider: tests the key unless told not to, then stores it sealed. The row, its audit entry and the job
 * that brings the key to projects come to be together or not at all. Throws `AppError`: `unavailable` where saving
 * without a test is reasonable (timeouts, rate limits), `conflict` for a taken label or the same key again.
 */
export async function connectProvider(
	deps: ProvidersDeps,
	person: Person,
	input: ConnectProviderInput,
	signal?: AbortSignal,
): Promise<ConnectionRow> {
	requireOpen(deps.keyring);
	const endpoint = await endpointOf(deps.directory, person, input);
	const metadata = JSON.stringify(endpoint.metadata);
	const subject = { provider_id: input.providerId, auth_type: input.authType, metadata };
	const delivery = await chooseDelivery(deps.directory, subject, input.delivery);
	const key = keyFor(endpoint, input);
	const row = newRow(deps.keyring, person, { input, endpoint, delivery, key });
	const name = endpoint.target.providerName;
	await requireUnique(deps.db, row, row.api_key_hash, name);
	const tested = input.skipTest !== true;
	if (tested) requireAccepted(await testTarget(deps, endpoint.target, key, signal));
	return inTransaction(deps.db, async (tx) => {
		await requireUnique(tx, row, row.api_key_hash, name);
		const isFirst = (await findConnectionForProvider(tx, person.id, row.provider_id)) === undefined;
		await tx
			.insertInto('provider_connections')
			.values({ ...row, active: isFirst ? 1 : 0 })
			.execute();
		await welcomeConnection(tx, person, row.provider_id);
		await tellOfChange(tx, person, 'connection.connected', row, { tested, delivery, authType: row.auth_type });
		return getConnection(tx, person.id, row.id);
	});
}

/**
 * Renames a connection, replaces its key, makes it the default, or lets its key stay outside projects or not. Only a
 * new key is tested; that and another delivery reach projects.
 */
export async function updateConnection(
	deps: ProvidersDeps,
	person: Person,
	input: UpdateProviderConnectionInput,
	signal?: AbortSignal,
): Promise<ConnectionRow> {
	requireOpen(deps.keyring);
	const old = await getConnection(deps.db, person.id, input.connectionId);
	if (input.delivery !== undefined) await chooseDelivery(deps.directory, old, input.delivery);
	const replaced =
		input.apiKey === undefined
			? undefined
			: await replaceKey(deps, old, { apiKey: input.apiKey, skipTest: input.skipTest === true, signal });
	return inTransaction(deps.db, async (tx) => {
		const row = await getConnection(tx, person.id, old.id);
		const label = input.label ?? row.label;
		await requireUnique(tx, { ...row, label }, replaced?.api_key_hash ?? null, row.provider_id);
		const delivery = input.delivery ?? row.delivery;
		const reachesProjects = replaced !== undefined || delivery !== row.delivery;
		const version = reachesProjects ? row.version + 1 : row.version;
		const changes = { label, delivery, ...replaced, version, updated_at: Date.now() };
		await tx.updateTable('provider_connections').set(changes).where('id', '=', row.id).execute();
		if (input.preferred !== undefined) await changePreferred(tx, person, row.provider_id, input.preferred);
		const moved = delivery === row.delivery ? {} : { delivery };
		const detail = { keyReplaced: replaced !== undefined, renamed: label !== row.label, ...moved };
		if (reachesProjects) await tellOfChange(tx, person, 'connection.updated', { ...row, label, version }, detail);
		else await auditConnection(tx, person, 'connection.updated', { ...row, label }, detail);
		return getConnection(tx, person.id, row.id);
	});
}

/** Tests a stored connection and lets its row tell the result. */
export async function testConnection(
	deps: ProvidersDeps,
	person: Person,
	connectionId: string,
	signal?: AbortSignal,
): Promise<ProbeResult> {
	requireOpen(deps.keyring);
	const row = await getConnection(deps.db, person.id, connectionId);
	const outcome = await probeConnection(deps, row, signal);
	await inTransaction(deps.db, async (tx) => {
		// Replaced or removed meanwhile, it was the old one that was tested.
		if ((await findConnection(tx, row.id))?.version !== row.version) return;
		await auditConnection(tx, person, 'connection.tested', row, { ok: outcome.ok, reason: outcome.reason });
		await reportStatus(tx, row, outcome.ok ? undefined : outcome);
	});
	const { skippable: _, retryAt: __, ...result } = outcome;
	return result;
}

/**
 * Removes a connection with its sealed credential; projects learn of it by the job. What the audit trail says stays.
 * Allowed with a locked keyring: nothing has to be opened for it.
 */
export async function disconnectProvider(
	deps: Pick<ProvidersDeps, 'db'>,
	person: Person,
	connectionId: string,
): Promise<ConnectionRow> {
	return inTransaction(deps.db, async (tx) => {
		const row = await getConnection(tx, person.id, connectionId);
		await tx.deleteFrom('provider_connections').where('id', '=', row.id).execute();
		await passOnRoles(tx, person, row);
		await tellOfChange(tx, person, 'connection.disconnected', { ...row, version: row.version + 1 }, {});
		return row;
	});
}

function keyFor(endpoint: Endpoint, input: ConnectProviderInput): Secret | undefined {
	if (input.providerId === DEMO_PROVIDER_ID) return new Secret(`demo_${randomBytes(32).toString('base64url')}`);
	return endpoint.keyOptional && isBlank(input.apiKey) ? undefined : readKey(input.apiKey);
}

type NewConnection = { input: ConnectProviderInput; endpoint: Endpoint; delivery: Delivery; key: Secret | undefined };

function newRow(keyring: Keyring, person: Person, { input, endpoint, delivery, key }: NewConnection): ConnectionRow {
	const identity = { id: newId(), user_id: person.id, provider_id: input.providerId, base_url: endpoint.baseUrl };
	const now = Date.now();
	return {
		...identity,
		label: input.label ?? DEFAULT_LABEL,
		auth_type: 'api',
		...sealedColumns(keyring, identity, { key, headers: endpoint.target.headers }),
		delivery,
		...savedStatus(input.skipTest === true),
		metadata: JSON.stringify(endpoint.metadata),
		oauth_expires_at: null,
		oauth_account: null,
		active: 1,
		position: now,
		version: 1,
		last_used_at: null,
		created_at: now,
		updated_at: now,
	};
}

type Identity = Parameters<typeof sealCredential>[1];

function sealedColumns(keyring: Keyring, identity: Identity, credential: Credential) {
	const { key } = credential;
	return {
		api_key_hash: key === undefined ? null : fingerprint(keyring, key),
		sealed_credential: sealCredential(keyring, identity, credential),
		// The demo's key is doce's own: nobody knows it by its end.
		last_four: key === undefined || identity.provider_id === DEMO_PROVIDER_ID ? null : lastFour(key),
	};
}

function savedStatus(untested: boolean) {
	return {
		status: 'connected' as const,
		reason: untested ? ('not_tested' as const) : null,
		error_message: null,
		retry_at: null,
		problem_at: null,
		problem_project_id: null,
	};
}

type KeyChange = { apiKey: string; skipTest: boolean; signal: AbortSignal | undefined };

async function replaceKey(deps: ProvidersDeps, row: ConnectionRow, change: KeyChange) {
	if (row.provider_id === DEMO_PROVIDER_ID) throw new AppError('invalid', 'The demo needs no key.');
	const key = readKey(change.apiKey);
	const known = await findKnown(deps.directory, row.provider_id);
	// A connection whose credential was given up has no headers left to keep.
	const { headers } =
		row.sealed_credential === null ? { headers: {} } : await openStoredCredential(deps.db, deps.keyring, row);
	const target = targetFromRow(known, row, headers);
	const columns = sealedColumns(deps.keyring, row, { key, headers });
	await requireUnique(deps.db, row, columns.api_key_hash, target.providerName);
	if (!change.skipTest) requireAccepted(await testTarget(deps, target, key, change.signal));
	return { ...columns, ...savedStatus(change.skipTest) };
}

/** Tests a stored connection, and leaves its row as it is. */
export async function probeConnection(
	deps: ProvidersDeps,
	row: ConnectionRow,
	signal?: AbortSignal,
): Promise<ProbeOutcome> {
	const { key, headers } = await openStoredCredential(deps.db, deps.keyring, row);
	const known = await findKnown(deps.directory, row.provider_id);
	return testTarget(deps, targetFromRow(known, row, headers), key, signal);
}

async function testTarget(
	deps: ProvidersDeps,
	target: ProbeTarget,
	key: Secret | undefined,
	signal: AbortSignal | undefined,
): Promise<ProbeOutcome> {
	if (target.providerId === DEMO_PROVIDER_ID)
		return accepted('The scripted demo is part of this server: it needs no network.');
	return probe({ target, key, placeholder: placeholderKey(target.providerId), signal, timeoutMs: deps.probeTimeoutMs });
}

function requireAccepted(outcome: ProbeOutcome): void {
	if (!outcome.ok) throw new AppError(outcome.skippable ? 'unavailable' : 'invalid', outcome.message);
}

function requireOpen(keyring: Keyring): void {
	const message = lockedMessage(keyring);
	if (message !== undefined) throw new AppError('unavailable', message);
}

async function endpointOf(
	directory: ProviderDirectory,
	person: Person,
	input: ConnectProviderInput,
): Promise<Endpoint> {
	const known = await findKnown(directory, input.providerId);
	const endpoint = endpointFromInput(known, input, person.role === 'admin');
	const offersKeys =
		known === undefined || known.authMethods.length === 0 || known.authMethods.some((method) => method.type === 'api');
	requireSupported(input.authType, endpoint.target.providerName, offersKeys);
	return endpoint;
}

/** The one switch that opens the other ways to sign in. */
function requireSupported(authType: AuthType, providerName: string, offersKeys: boolean): void {
	if (authType === 'api' && offersKeys) return;
	const instead = offersKeys ? ': use an API key' : '';
	throw new AppError('invalid', `Signing in to ${providerName} is not in this version yet${instead}.`);
}
