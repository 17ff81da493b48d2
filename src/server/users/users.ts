import { z } from 'zod';
import type { Db } from '../db/client.ts';

export type Role = 'admin' | 'member';

/** A signed-in person, as far as the rest of doce needs to know them. */
export type User = { id: string; name: string; role: Role };

const COLUMNS = ['id', 'username as name', 'role'] as const;

export const username = z
	.string()
	.trim()
	.min(1, 'Choose a username.')
	.max(64, 'A username has at most 64 characters.')
	.regex(/^[^\s\p{Cc}]+$/u, 'A username has no spaces.');

export const password = z
	.string()
	.min(8, 'A password has at least 8 characters.')
	.max(128, 'A password has at most 128 characters.');

export async function hasUsers(db: Db): Promise<boolean> {
	return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined;
}

export async function findUserByName(db: Db, name: string): Promise<User | undefined> {
	return db.selectFrom('users').select(COLUMNS).where('username', '=', name.toLowerCase()).executeTakeFirst();
}

export async function findUserById(db: Db, id: string): Promise<User | undefined> {
	return db.selectFrom('users').select(COLUMNS).where('id', '=', id).executeTakeFirst();
}

/** The oldest admin: whom scripts act for unless they say otherwise. */
export async function findFirstAdmin(db: Db): Promise<User | undefined> {
	return db
		.selectFrom('users')
		.select(COLUMNS)
		.where('role', '=', 'admin')
		.orderBy('created_at')
		.orderBy('id')
		.executeTakeFirst();
}

export async function makeAdmin(db: Db, userId: string): Promise<void> {
	await db.updateTable('users').set({ role: 'admin' }).where('id', '=', userId).execute();
}
