import type { PlainKeyPlace } from '#shared/legacy.ts';
import type { Keyring } from '../../auth/keys/keyring.ts';
import { findSettings, openLegacyKey } from '../../auth/legacy/legacyKey.ts';
import { hasGivenUp } from '../../auth/legacy/migration.ts';
import type { Db } from '../../db/client.ts';
import type { Secret } from '../../secret.ts';
import { findTaken } from '../ledger.ts';
import type { OldProject } from '../oldProjects.ts';
import type { LegacyPerson } from '../source/rows.ts';
import type { Source } from '../source/source.ts';
import { placeOf } from './keyFiles.ts';

type Deps = { db: Db; keyring: Keyring };

/** A key that is safe here, so that it may go from the old files. */
export type SafeKey = {
	person: LegacyPerson;
	key: Secret /** Whether it is what the old database holds. */;
	inDatabase: boolean;
};

/**
 * The keys that doce holds sealed. One that its person gave up here counts too: they wanted it gone. One that was
 * changed in the old application since does not.
 */
export async function listSafeKeys({ db, keyring }: Deps, people: LegacyPerson[]): Promise<SafeKey[]> {
	const safe: SafeKey[] = [];
	for (const person of people) {
		const userId = await findTaken(db, 'key', person.id);
		if (userId === undefined) continue;
		const sealed = (await findSettings(db, userId))?.openrouter_api_key ?? null;
		const given = sealed === null && (await hasGivenUp(db, userId)) ? person.key : undefined;
		const key = sealed === null ? given : await openLegacyKey(db, keyring, userId, sealed);
		if (key !== undefined) safe.push({ person, key, inDatabase: key.reveal() === person.key?.reveal() });
	}
	return safe;
}

/** Every file of the old application that holds a key in plain text. */
export async function listPlainKeys(deps: Deps, source: Source, old: OldProject[]): Promise<PlainKeyPlace[]> {
	const safe = await listSafeKeys(deps, source.people);
	const places: PlainKeyPlace[] = [];
	const inDatabase = source.people.filter(({ key }) => key !== undefined).length;
	if (inDatabase > 0) {
		const what = inDatabase === 1 ? 'the key of 1 person' : `the keys of ${inDatabase} people`;
		places.push({ kind: 'database', path: source.file, what, removable: safe.some((key) => key.inDatabase) });
	}
	for (const { found, keyFiles } of old) {
		if (found.kind !== 'found') continue;
		for (const file of keyFiles) {
			const removable = file.kind === 'env' && file.keys.some((key) => isSafe(safe, key));
			places.push({
				kind: file.kind,
				path: placeOf(found.folder, file),
				what: describe(file.kind, removable),
				removable,
			});
		}
	}
	return places.filter((place, at) => places.findIndex(({ path }) => path === place.path) === at);
}

export function isSafe(safe: SafeKey[], key: Secret): boolean {
	return safe.some((other) => other.key.reveal() === key.reveal());
}

function describe(kind: 'env' | 'file', removable: boolean): string {
	if (kind === 'file') return 'a key, which doce does not take out by itself';
	return removable ? 'a key, in a line of its own' : 'a key that doce does not have';
}
