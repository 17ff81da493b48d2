import type { Db } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { findUserByName, type Role } from './users.ts';

export type ImportedUser = {
	id: string;
	username: string;
	/** As the person wrote it elsewhere. */
	displayName: string;
	/** A PHC string; the person signs in with the password that made it. */
	passwordHash: string;
	role: Role;
	/** Epoch milliseconds. */
	createdAt: number;
};

/** Stores a person who had an account elsewhere, with the password's hash as it is. Sessions are not part of it. */
export async function insertImportedUser(db: Db, user: ImportedUser): Promise<void> {
	const { id } = user;
	const created_at = new Date(user.createdAt).toISOString();
	const times = { created_at, updated_at: new Date().toISOString() };
	await db
		.insertInto('users')
		.values({
			id,
			name: user.displayName,
			email: `${id}@people.invalid`,
			email_verified: 0,
			username: user.username,
			display_username: user.displayName,
			role: user.role,
			...times,
		})
		.execute();
	const account = { account_id: id, provider_id: 'credential', password: user.passwordHash };
	await db
		.insertInto('accounts')
		.values({ id: newId(), user_id: id, ...account, ...times })
		.execute();
}

const MAX_LENGTH = 64;

/** A name that people can sign in with: lower case, without spaces, at most 64 characters. */
export function toUsername(name: string): string {
	const plain = name.trim().toLowerCase();
	const joined = plain.replace(/[\s\p{Cc}]+/gu, '-').slice(0, MAX_LENGTH);
	return joined === '' ? 'person' : joined;
}

/** `wish`, or with a number behind it where somebody has that name. */
export async function freeUsername(db: Db, wish: string): Promise<string> {
	for (let n = 1; ; n++) {
		const suffix = n === 1 ? '' : `-${n}`;
		const name = wish.slice(0, MAX_LENGTH - suffix.length) + suffix;
		if ((await findUserByName(db, name)) === undefined) return name;
	}
}
