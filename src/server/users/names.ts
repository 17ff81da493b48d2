import type { Db } from '../db/client.ts';

/** The names of people; those who are gone are left out. */
export async function nameUsers(db: Db, userIds: readonly string[]): Promise<Map<string, string>> {
	if (userIds.length === 0) return new Map();
	const rows = await db.selectFrom('users').select(['id', 'username']).where('id', 'in', userIds).execute();
	return new Map(rows.map(({ id, username }) => [id, username]));
}

/** The names of API tokens, revoked ones too. */
export async function nameApiTokens(db: Db, tokenIds: readonly string[]): Promise<Map<string, string>> {
	if (tokenIds.length === 0) return new Map();
	const rows = await db.selectFrom('api_tokens').select(['id', 'name']).where('id', 'in', tokenIds).execute();
	return new Map(rows.map(({ id, name }) => [id, name]));
}
