import { randomBytes } from 'node:crypto';
import { type Db, inTransaction } from '#server/db/client.ts';
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
	enqueueChange,
	type Person,
	passOnRoles,
	requireUnique,
	tellOfChange,
	welcomeConnection,
} from './connectionChanges.ts';
import {
	type ConnectionRow,
	DEMO_PROVIDER_ID,
	findConnection,
	getConnection,
	listStoredConnections,
	openStoredCredential,
	placeholderKey,
} from './connections.ts';
import type { ProviderDirectory } from './input/directory.ts';
import { type Endpoint, endpointFromInput, targetFromRow } from './input/endpoint.ts';
import { metadataWithFields, requireSamePlaces } from './input/fieldChange.ts';
import { isBlank, readKey } from './input/key.ts';
import { findKnown } from './input/known.ts';
import { newRow, savedStatus, sealedColumns } from './input/row.ts';
import { type Keyring, lockedMessage } from './keys/keyring.ts';
import { forgetLegacyCopy, upgradeBeforeEdit } from './legacy/migration.ts';
import { probe } from './probe.ts';
import type { Resolve } from './probes/call.ts';
import { accepted, type ProbeOutcome } from './probes/outcome.ts';
import type { ProbeTarget } from './probes/targets.ts';
import type { Refresher } from './refresh/refresher.ts';
import { testSignIn } from './refresh/testSignIn.ts';
import { reportStatus } from './status.ts';
import { endpointFromOrganisation } from './wellknown/organisation.ts';
import { putTokenInHeaders } from './wellknown/token.ts';

export type ProvidersDeps = {
	db: Db;
	keyring: Keyring;
	directory: ProviderDirectory;
	/** Tests sign-ins. */
	refresher?: Refresher | undefined;
	/** For all calls of one test together; 20 s unless set, in ms. */
	probeTimeoutMs?: number | undefined;
	/** Resolves the names of organisations; tests pass one that lies. */
	resolve?: Resolve | undefined;
};

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
	const delivery = deliveryFor(input.providerId, input.delivery);
	const endpoint =
		input.authType === 'wellknown'
			? await endpointFromOrganisation(deps, person, input, signal)
			: await endpointOf(deps.directory, person, input);
	const key = keyFor(endpoint, input);
	const row = newRow(deps.keyring, person, { input, endpoint, delivery, key });
	const name = endpoint.target.providerName;
	await requireUnique(deps.db, row, row.api_key_hash, name);
	const tested = input.skipTest !== true;
	if (tested) requireAccepted(await testTarget(deps, endpoint.target, key, signal));
	return inTransaction(deps.db, async (tx) => {
		await requireUnique(tx, row, row.api_key_hash, name);
		const accounts = await listStoredConnections(tx, person.id);
		const isFirst = !accounts.some((account) => account.provider_id === row.provider_id);
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
 * Renames a connection, replaces its key or its extra fields, or makes it the default. Only a new key and new fields are
 * tested and reach projects.
 */
export async function updateConnection(
	deps: ProvidersDeps,
	person: Person,
	input: UpdateProviderConnectionInput,
	signal?: AbortSignal,
): Promise<ConnectionRow> {
	requireOpen(deps.keyring);
	const old = await upgradeBeforeEdit(deps, person, await getConnection(deps.db, person.id, input.connectionId), input);
	if (input.delivery !== undefined) deliveryFor(old.provider_id, input.delivery);
	const { apiKey, metadata: fields } = input;
	const replaced =
		(apiKey ?? fields) === undefined
			? undefined
			: await replaceKey(deps, old, { apiKey, fields, skipTest: input.skipTest === true, signal });
	return inTransaction(deps.db, async (tx) => {
		const row = await getConnection(tx, person.id, old.id);
		const label = input.label ?? row.label;
		await requireUnique(tx, { ...row, label }, replaced?.api_key_hash ?? null, row.provider_id);
		const version = replaced === undefined ? row.version : row.version + 1;
		const changes = { label, delivery: input.delivery ?? row.delivery, ...replaced, version, updated_at: Date.now() };
		await tx.updateTable('provider_connections').set(changes).where('id', '=', row.id).execute();
		if (input.preferred !== undefined) await changePreferred(tx, person, row.provider_id, input.preferred);
		const fieldsChanged = replaced !== undefined && replaced.metadata !== row.metadata;
		const detail = { keyReplaced: apiKey !== undefined, renamed: label !== row.label, fieldsChanged };
		if (replaced === undefined) await auditConnection(tx, person, 'connection.updated', { ...row, label }, detail);
		else await tellOfChange(tx, person, 'connection.updated', { ...row, label, version }, detail);
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
	const askedAt = Date.now();
	const outcome = await probeConnection(deps, row, signal);
	await inTransaction(deps.db, async (tx) => {
		// Replaced or removed meanwhile, it was the old one that was tested.
		if ((await findConnection(tx, row.id))?.version !== row.version) return;
		await auditConnection(tx, person, 'connection.tested', row, { ok: outcome.ok, reason: outcome.reason });
		// A provider that cannot be tested is judged by real use alone: what waits for it may try.
		if (outcome.reason === 'not_tested') await enqueueChange(tx, row);
		else await reportStatus(tx, row, outcome.ok ? undefined : outcome, { by: 'test', askedAt });
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
		await forgetLegacyCopy(tx, row);
		await passOnRoles(tx, person, row);
		await tellOfChange(tx, person, 'connection.disconnected', { ...row, version: row.version + 1 }, {});
		return row;
	});
}

function keyFor(endpoint: Endpoint, input: ConnectProviderInput): Secret | undefined {
	if (input.providerId === DEMO_PROVIDER_ID) return new Secret(`demo_${randomBytes(32).toString('base64url')}`);
	const given = input.authType === 'wellknown' ? input.token : input.apiKey;
	return endpoint.keyOptional && isBlank(given) ? undefined : readKey(given);
}

type KeyChange = {
	/** undefined: the present one stays, for the same places only. */
	apiKey: string | undefined;
	fields: Record<string, string> | undefined;
	skipTest: boolean;
	signal: AbortSignal | undefined;
};

async function replaceKey(deps: ProvidersDeps, old: ConnectionRow, { apiKey, fields, skipTest, signal }: KeyChange) {
	if (old.provider_id === DEMO_PROVIDER_ID) throw new AppError('invalid', 'The demo needs no key.');
	if (old.auth_type === 'oauth') throw new AppError('invalid', 'This connection is a sign-in: sign in again instead.');
	const known = await findKnown(deps.directory, old.provider_id);
	const row = fields === undefined ? old : { ...old, metadata: metadataWithFields(known, old, fields) };
	if (apiKey === undefined) requireSamePlaces(old, row);
	const given = apiKey === undefined ? undefined : readKey(apiKey);
	// A connection whose credential was given up has no headers left to keep.
	const isGone = old.sealed_credential === null && given !== undefined;
	const kept = isGone ? { headers: {}, key: given } : await openStoredCredential(deps.db, deps.keyring, old);
	const { headers, key } = { ...kept, key: given ?? kept.key };
	const target = targetFromRow(known, row, headers);
	const columns = sealedColumns(deps.keyring, row, { key, headers });
	await requireUnique(deps.db, row, columns.api_key_hash, target.providerName);
	if (!skipTest) requireAccepted(await testTarget(deps, target, key, signal));
	return { ...columns, ...savedStatus(skipTest), metadata: row.metadata };
}

/** Tests a stored connection, and leaves its row as it is. */
export async function probeConnection(
	deps: ProvidersDeps,
	row: ConnectionRow,
	signal?: AbortSignal,
): Promise<ProbeOutcome> {
	const { key, headers } = await openStoredCredential(deps.db, deps.keyring, row);
	const known = await findKnown(deps.directory, row.provider_id);
	const target = targetFromRow(known, row, headers);
	return row.auth_type === 'oauth' ? testSignIn(deps, row, target, signal) : testTarget(deps, target, key, signal);
}

/** Tries a key at an endpoint, with the key where headers name it. */
export async function testTarget(
	deps: ProvidersDeps,
	target: ProbeTarget,
	key: Secret | undefined,
	signal: AbortSignal | undefined,
): Promise<ProbeOutcome> {
	if (target.providerId === DEMO_PROVIDER_ID)
		return accepted('The scripted demo is part of this server: it needs no network.');
	const headers = putTokenInHeaders(target.headers, target.keyName, key);
	return probe({
		target: { ...target, headers },
		key,
		placeholder: placeholderKey(target.providerId),
		signal,
		timeoutMs: deps.probeTimeoutMs,
	});
}

/** Throws what a test found, as an `AppError`. */
export function requireAccepted(outcome: ProbeOutcome): void {
	if (!outcome.ok) throw new AppError(outcome.skippable ? 'unavailable' : 'invalid', outcome.message);
}

/**
 * How a provider's credential reaches projects: the one place that decides. For now the credential itself;
 * where the gateway can stand in for a provider, its token becomes the default here.
 */
function deliveryFor(_providerId: string, requested: Delivery | undefined): Delivery {
	if (requested === 'sealed') {
		throw new AppError(
			'invalid',
			'Keeping the key outside projects is not in this version yet: leave the delivery at "direct".',
		);
	}
	return 'direct';
}

/** Throws `AppError('unavailable')` while credentials are locked. */
export function requireOpen(keyring: Keyring): void {
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

/** Signing in begins elsewhere, and is waited for. */
function requireSupported(authType: AuthType, providerName: string, offersKeys: boolean): void {
	if (authType === 'api' && offersKeys) return;
	if (authType === 'api') throw new AppError('invalid', `${providerName} takes no API key: sign in instead.`);
	if (authType === 'oauth') throw new AppError('invalid', `Signing in to ${providerName} begins with initiateOAuth.`);
	const instead = offersKeys ? ': use an API key' : '';
	throw new AppError('invalid', `Signing in to ${providerName} is not in this version yet${instead}.`);
}
