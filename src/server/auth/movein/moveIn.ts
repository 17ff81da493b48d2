import type { Db } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import type { CatalogData } from '#server/opencode/catalog.ts';
import type { MoveInEntry, MoveInInput, MoveInPreview, MoveInText } from '#shared/moveIn.ts';
import { auditConnection, type Person } from '../connectionChanges.ts';
import { type ConnectionRow, listConnections } from '../connections.ts';
import { fingerprint, lastFour } from '../credentials.ts';
import type { Keyring } from '../keys/keyring.ts';
import { connectProvider, type ProvidersDeps } from '../providers.ts';
import { type Entry, entriesOf } from './entries.ts';
import { freeLabels } from './labels.ts';
import { readPasted } from './read.ts';
import { moveInProviders } from './variables.ts';

/** More than one at a time, since a test may take 20 s; not so many that a provider limits them. */
const AT_ONCE = 4;

export type Outcome = { entryId: string } & (
	| { connection: ConnectionRow }
	| { connection: null; reason: string; skippable: boolean }
);

/** What a text holds, as a table. Nothing is stored, and no secret is in it. */
export async function previewMoveIn(
	deps: Pick<ProvidersDeps, 'db' | 'keyring'>,
	person: Person,
	catalog: CatalogData,
	input: MoveInText,
): Promise<MoveInPreview> {
	const { entries, ignored } = entriesOf(readPasted(input.text), moveInProviders(catalog));
	return { entries: await viewEntries(deps, person, entries, input.fileName), ignored };
}

/**
 * Tests and connects the chosen entries of a text, each on its own: one that is refused keeps no other from coming in.
 * Throws `AppError('invalid')` for an entry that the text does not hold, or that cannot be imported.
 */
export async function moveIn(
	deps: ProvidersDeps,
	person: Person,
	catalog: CatalogData,
	input: MoveInInput,
): Promise<Outcome[]> {
	const { entries } = entriesOf(readPasted(input.text), moveInProviders(catalog));
	const views = await viewEntries(deps, person, entries, input.fileName);
	const chosen = [...new Set(input.choose)].map((id) => {
		const at = views.findIndex((view) => view.id === id);
		const [entry, view] = [entries[at], views[at]];
		if (entry === undefined || view === undefined)
			throw new AppError('invalid', 'The text has changed since it was read. Read it again.');
		return { entry, view };
	});
	const outcomes: Outcome[] = [];
	for (let at = 0; at < chosen.length; at += AT_ONCE) {
		const some = chosen.slice(at, at + AT_ONCE);
		outcomes.push(...(await Promise.all(some.map((one) => importOne(deps, person, one, input)))));
	}
	return outcomes;
}

type Chosen = { entry: Entry; view: MoveInEntry };

async function importOne(
	deps: ProvidersDeps,
	person: Person,
	{ entry, view }: Chosen,
	{ skipTest, fileName }: MoveInInput,
): Promise<Outcome> {
	if (view.state !== 'new' || entry.key === null || entry.provider === null)
		return { entryId: view.id, connection: null, reason: view.reason ?? 'It cannot be imported.', skippable: false };
	try {
		const connection = await connectProvider(deps, person, {
			providerId: entry.provider.id,
			authType: 'api',
			apiKey: entry.key.reveal(),
			label: view.label,
			metadata: entry.fields,
			skipTest: skipTest === true,
		});
		await auditImport(deps.db, person, connection, `${entry.source} of ${originOf(fileName)}`);
		return { entryId: view.id, connection };
	} catch (error) {
		if (!(error instanceof AppError)) throw error;
		return { entryId: view.id, connection: null, reason: error.message, skippable: error.code === 'unavailable' };
	}
}

/** Notes where the key of a new connection came from. */
export async function auditImport(db: Db, person: Person, row: ConnectionRow, from: string): Promise<void> {
	await auditConnection(db, person, 'connection.imported', row, { from });
}

async function viewEntries(
	{ db, keyring }: Pick<ProvidersDeps, 'db' | 'keyring'>,
	person: Person,
	entries: Entry[],
	fileName: string | undefined,
): Promise<MoveInEntry[]> {
	const rows = await listConnections(db, person.id);
	const label = freeLabels(rows, fileName === undefined ? 'Moved in' : `From ${originOf(fileName)}`);
	const seen = new Map<string, string>();
	return entries.map((entry) => {
		const twice = entry.problem === null ? duplicateOf(keyring, entry, rows, seen) : null;
		const state = entry.problem?.state ?? (twice === null ? 'new' : 'duplicate');
		return {
			id: entry.id,
			source: entry.source,
			providerId: entry.provider?.id ?? null,
			providerName: entry.provider?.name ?? null,
			type: entry.type,
			label: state === 'new' && entry.provider !== null ? label(entry.provider.id) : '',
			lastFour: entry.key === null || state === 'unreadable' ? null : lastFour(entry.key),
			state,
			reason: entry.problem?.reason ?? twice,
			suggested: entry.suggested && state === 'new',
		};
	});
}

/** Where the same key of the same provider is already, in words; null when nowhere. */
function duplicateOf(
	keyring: Keyring,
	{ provider, key, source }: Entry,
	rows: ConnectionRow[],
	seen: Map<string, string>,
): string | null {
	if (provider === null || key === null) return null;
	const hash = fingerprint(keyring, key);
	const known = rows.find((row) => row.provider_id === provider.id && row.api_key_hash === hash);
	if (known !== undefined) return `Already connected as "${known.label}".`;
	const earlier = seen.get(`${provider.id} ${hash}`);
	if (earlier !== undefined) return `The same key as ${earlier} above.`;
	seen.set(`${provider.id} ${hash}`, source);
	return null;
}

/** The name of a file without its folders, which are nobody's business. */
function originOf(fileName: string | undefined): string {
	const name = fileName?.split(/[\\/]/).at(-1)?.trim() ?? '';
	return name === '' ? 'a pasted text' : name.slice(0, 40);
}
