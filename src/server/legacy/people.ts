import type { ImportedPerson } from '#shared/legacy.ts';
import { type AuditActor, recordAudit } from '../audit/audit.ts';
import type { Keyring } from '../auth/keys/keyring.ts';
import { findSettings, openLegacyKey, storeDefaultModel, storeLegacyKey } from '../auth/legacy/legacyKey.ts';
import { hasGivenUp } from '../auth/legacy/migration.ts';
import type { Db } from '../db/client.ts';
import { freeUsername, insertImportedUser, toUsername } from '../users/importedUsers.ts';
import { isPasswordHash } from '../users/passwords.ts';
import { findFirstAdmin, findUserById, findUserByName, type User } from '../users/users.ts';
import { findTaken, noteTaken } from './ledger.ts';
import type { LegacyPerson } from './source/rows.ts';

export type PeopleOptions = { keyring: Keyring; matchUsers: boolean; actor: AuditActor };
/** The person here that somebody of the old database is; nobody for who was deleted here since. */
export type Owners = Map<string, User | undefined>;

/** Takes the people over, the oldest account first, each with their key. To be called in the import's transaction. */
export async function takePeople(
	tx: Db,
	people: LegacyPerson[],
	options: PeopleOptions,
): Promise<{ lines: ImportedPerson[]; owners: Owners }> {
	const lines: ImportedPerson[] = [];
	const owners: Owners = new Map();
	const made = new Set<string>();
	for (const person of people) {
		const found = await findPerson(tx, person, options.matchUsers, made);
		const line = newLine(person);
		const user = found.user ?? (found.outcome === 'removed' ? undefined : await makeUser(tx, person, line));
		if (found.user === undefined && user !== undefined) made.add(user.id);
		Object.assign(line, { outcome: found.outcome, username: user?.name ?? null, role: user?.role ?? null });
		owners.set(person.oldId, user);
		lines.push(line);
		if (user === undefined) continue;
		if (found.outcome === 'imported' || found.outcome === 'matched') await noteTaken(tx, 'person', person.id, user.id);
		if (found.outcome === 'matched')
			line.notes.push('Signs in with the password of doce; the old one is not taken over.');
		await takeSettings(tx, options.keyring, { person, user, line });
		if (found.outcome !== 'unchanged') await audit(tx, options.actor, user, line);
	}
	return { lines, owners };
}

type Found = { outcome: ImportedPerson['outcome']; user: User | undefined };

async function findPerson(tx: Db, person: LegacyPerson, matchUsers: boolean, made: Set<string>): Promise<Found> {
	const taken = await findTaken(tx, 'person', person.id);
	if (taken !== undefined) {
		const user = await findUserById(tx, taken);
		return { outcome: user === undefined ? 'removed' : 'unchanged', user };
	}
	const namesake = matchUsers ? await findUserByName(tx, toUsername(person.username)) : undefined;
	if (namesake !== undefined && !made.has(namesake.id)) return { outcome: 'matched', user: namesake };
	return { outcome: 'imported', user: undefined };
}

async function makeUser(tx: Db, person: LegacyPerson, line: ImportedPerson): Promise<User> {
	const wish = toUsername(person.username);
	const username = await freeUsername(tx, wish);
	const isFirst = (await findFirstAdmin(tx)) === undefined;
	const user: User = { id: person.id, name: username, role: isFirst ? 'admin' : 'member' };
	const { passwordHash, createdAt } = person;
	await insertImportedUser(tx, { ...user, username, displayName: person.username, passwordHash, createdAt });
	if (username !== wish) line.notes.push(`The name "${wish}" is taken in doce: signs in as "${username}".`);
	else if (username !== person.username.toLowerCase())
		line.notes.push(`Signs in as "${username}": a username has no spaces.`);
	if (isFirst) line.notes.push('Is the admin: doce had none, and this is the oldest account.');
	if (!isPasswordHash(passwordHash))
		line.notes.push('Cannot sign in: the old password is stored in a form that doce does not check.');
	return user;
}

type Taking = { person: LegacyPerson; user: User; line: ImportedPerson };

async function takeSettings(tx: Db, keyring: Keyring, { person, user, line }: Taking): Promise<void> {
	const settings = await findSettings(tx, user.id);
	line.key = await takeKey(tx, keyring, { person, user, line });
	const isNew = line.outcome === 'imported' || line.outcome === 'matched';
	if (!isNew || person.defaultModel === null || settings?.default_model_id != null) return;
	await storeDefaultModel(tx, user.id, person.defaultModel);
	line.notes.push(`Default model: ${person.defaultModel}.`);
}

async function takeKey(tx: Db, keyring: Keyring, { person, user, line }: Taking): Promise<ImportedPerson['key']> {
	const { key } = person;
	const wasTaken = (await findTaken(tx, 'key', person.id)) !== undefined;
	if (key === undefined) return wasTaken ? 'kept' : 'none';
	const sealed = (await findSettings(tx, user.id))?.openrouter_api_key ?? null;
	const held = sealed === null ? undefined : await openLegacyKey(tx, keyring, user.id, sealed);
	const isSame = held?.reveal() === key.reveal();
	if (held !== undefined && !isSame) {
		line.notes.push(
			'The old application holds another key than doce, which keeps its own: enter the other in Settings.',
		);
		return wasTaken ? 'kept' : 'refused';
	}
	if (!wasTaken) await noteTaken(tx, 'key', person.id, user.id);
	if (isSame) return 'kept';
	if (wasTaken && (await hasGivenUp(tx, user.id))) return 'removed';
	await storeLegacyKey(tx, keyring, user.id, key);
	return 'sealed';
}

function newLine(person: LegacyPerson): ImportedPerson {
	return { name: person.username, username: null, outcome: 'imported', role: null, key: 'none', notes: [] };
}

async function audit(tx: Db, actor: AuditActor, user: User, line: ImportedPerson): Promise<void> {
	const detail = { username: user.name, outcome: line.outcome, key: line.key };
	await recordAudit(tx, { actor, userId: user.id, action: 'person.imported', detail });
}
