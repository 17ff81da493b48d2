import { isDeepStrictEqual } from 'node:util';
import { inTransaction } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import type { Secret } from '#server/secret.ts';
import { auditConnection, type Person, requireUnique, tellOfChange } from '../connectionChanges.ts';
import {
	type ConnectionRow,
	type Credential,
	getConnection,
	metadataOf,
	openStoredCredential,
	placesOf,
} from '../connections.ts';
import { isLocal } from '../input/endpoint.ts';
import { isBlank, readKey } from '../input/key.ts';
import { savedStatus, sealedColumns } from '../input/row.ts';
import { type ProvidersDeps, requireAccepted, requireOpen, testTarget } from '../providers.ts';
import type { ConfiguredProvider } from './configured.ts';
import { readDocument } from './document.ts';
import { endpointOfProvider, readConfiguredProvider } from './organisation.ts';

export type Refreshed = {
	connection: ConnectionRow;
	/** Whether projects have something new to learn. */
	changed: boolean;
	/** Where the document now sends the token, too: nothing was stored, and the token is asked for again. */
	tokenNeededFor: string[];
};

type Input = { connectionId: string; token?: string | undefined; skipTest?: boolean | undefined };
type Present = { row: ConnectionRow; credential: Credential; given: Secret | undefined };

/**
 * Reads an organisation's document again and takes over what it says now of a connection's provider. Throws `AppError`
 * when that cannot be had: the stored copy stays, and projects go on with it.
 */
export async function refreshWellKnown(
	deps: ProvidersDeps,
	person: Person,
	input: Input,
	signal?: AbortSignal,
): Promise<Refreshed> {
	requireOpen(deps.keyring);
	const row = await getConnection(deps.db, person.id, input.connectionId);
	const credential = await openStoredCredential(deps.db, deps.keyring, row);
	const given = isBlank(input.token) ? undefined : readKey(input.token);
	const present = { row, credential, given };
	const read = await readAgain(deps, person, present, signal);
	if ('tokenNeededFor' in read) return { connection: row, changed: false, tokenNeededFor: read.tokenNeededFor };
	const { next, headers, target } = read;
	const columns = sealedColumns(deps.keyring, next, { key: given ?? credential.key, headers });
	await requireUnique(deps.db, row, columns.api_key_hash, target.providerName);
	const skipTest = input.skipTest === true;
	if (given !== undefined && !skipTest) requireAccepted(await testTarget(deps, target, given, signal));
	const status = given === undefined ? {} : savedStatus(skipTest);
	const changed = given !== undefined || isOtherwise(present, next, headers);
	const changes = { base_url: next.base_url, metadata: next.metadata, ...columns, ...status };
	return { connection: await save(deps, person, row, { changes, changed }), changed, tokenNeededFor: [] };
}

/** The connection as the document has it now, or where the token would go that it never went before. */
async function readAgain(
	deps: ProvidersDeps,
	person: Person,
	{ row, credential, given }: Present,
	signal: AbortSignal | undefined,
) {
	const metadata = metadataOf(row);
	if (metadata.wellKnown === undefined)
		throw new AppError('invalid', 'This connection is not configured by an organisation.');
	const { url } = metadata.wellKnown;
	const local = isLocal(metadata);
	const { tokenShownAt } = await whileCopyStays(readDocument({ url, local, signal, resolve: deps.resolve }));
	const shown = tokenShownAt === null ? [] : [new URL(tokenShownAt).origin];
	const unseen = shown.filter((origin) => !placesOf(row).includes(origin));
	if (unseen.length > 0 && given === undefined) return { tokenNeededFor: unseen };
	const asked = { providerId: row.provider_id, url, local, token: (given ?? credential.key)?.reveal() };
	const provider: ConfiguredProvider = await whileCopyStays(readConfiguredProvider(deps, person, asked, signal));
	const known = await deps.directory.find(row.provider_id);
	const { target, baseUrl, metadata: described } = endpointOfProvider(provider, local, known);
	const next = { ...row, base_url: baseUrl, metadata: JSON.stringify(described) };
	const tokenNeededFor = allPlaces(next).filter((place) => !allPlaces(row).includes(place));
	if (tokenNeededFor.length > 0 && given === undefined) return { tokenNeededFor };
	return { next, headers: provider.headers, target };
}

/** Every origin that the token of a connection goes to; null is the provider's own. */
function allPlaces(row: Pick<ConnectionRow, 'base_url' | 'metadata' | 'provider_id'>): string[] {
	const base = row.base_url === null ? row.provider_id : new URL(row.base_url).origin;
	return [base, ...placesOf(row)];
}

/** The time of reading alone is no change. */
function isOtherwise({ row, credential }: Present, next: ConnectionRow, headers: Record<string, Secret>): boolean {
	const facts = (one: ConnectionRow) => {
		const { wellKnown, ...metadata } = metadataOf(one);
		return { ...metadata, wellKnown: { ...wellKnown, readAt: 0 }, base: one.base_url };
	};
	const texts = (all: Record<string, Secret>) => Object.entries(all).map(([name, value]) => [name, value.reveal()]);
	const isSame = isDeepStrictEqual(facts(row), facts(next));
	return !isSame || !isDeepStrictEqual(texts(credential.headers), texts(headers));
}

type Change = {
	changes: ReturnType<typeof sealedColumns> & Pick<ConnectionRow, 'base_url' | 'metadata'> & Partial<ConnectionRow>;
	changed: boolean;
};

async function save(
	{ db }: ProvidersDeps,
	person: Person,
	old: ConnectionRow,
	{ changes, changed }: Change,
): Promise<ConnectionRow> {
	return inTransaction(db, async (tx) => {
		const row = await getConnection(tx, person.id, old.id);
		if (row.version !== old.version) throw new AppError('conflict', 'The connection was changed meanwhile. Try again.');
		const version = changed ? row.version + 1 : row.version;
		await tx
			.updateTable('provider_connections')
			.set({ ...changes, version, updated_at: Date.now() })
			.where('id', '=', row.id)
			.execute();
		const detail = { changed };
		if (changed) await tellOfChange(tx, person, 'connection.refreshed', { ...row, version }, detail);
		else await auditConnection(tx, person, 'connection.refreshed', row, detail);
		return getConnection(tx, person.id, row.id);
	});
}

async function whileCopyStays<T>(reading: Promise<T>): Promise<T> {
	try {
		return await reading;
	} catch (error) {
		if (!(error instanceof AppError)) throw error;
		throw new AppError(error.code, `${error.message} The stored configuration stays in use.`, { cause: error });
	}
}
