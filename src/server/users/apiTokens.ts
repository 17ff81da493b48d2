import { createHash, randomBytes } from 'node:crypto';
import type { Db } from '../db/client.ts';
import { newId } from '../db/id.ts';
import type { Row } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import type { User } from './users.ts';

export type ApiToken = Pick<Row<'api_tokens'>, 'id' | 'name' | 'created_at' | 'last_used_at'> & { username: string };

/** How often `last_used_at` is written, in ms. */
const USE_RESOLUTION = 60_000;

/** Makes a token that acts as `user`. It is returned once; only its SHA-256 is stored. */
export async function createApiToken(db: Db, user: User, name: string): Promise<string> {
	const token = `dct_${randomBytes(32).toString('base64url')}`;
	await db
		.insertInto('api_tokens')
		.values({ id: newId(), user_id: user.id, name, token_hash: hash(token), created_at: Date.now() })
		.execute();
	return token;
}

/** The person a token acts as, and the token's id; undefined for an unknown or revoked one. */
export async function findApiTokenUser(db: Db, token: string): Promise<{ user: User; tokenId: string } | undefined> {
	const row = await db
		.selectFrom('api_tokens')
		.innerJoin('users', 'users.id', 'api_tokens.user_id')
		.select(['api_tokens.id as tokenId', 'api_tokens.last_used_at', 'users.id', 'users.username as name', 'users.role'])
		.where('token_hash', '=', hash(token))
		.where('revoked_at', 'is', null)
		.executeTakeFirst();
	if (row === undefined) return undefined;
	if ((row.last_used_at ?? 0) < Date.now() - USE_RESOLUTION) {
		await db.updateTable('api_tokens').set({ last_used_at: Date.now() }).where('id', '=', row.tokenId).execute();
	}
	return { user: { id: row.id, name: row.name, role: row.role }, tokenId: row.tokenId };
}

export async function listApiTokens(db: Db): Promise<ApiToken[]> {
	return db
		.selectFrom('api_tokens')
		.innerJoin('users', 'users.id', 'api_tokens.user_id')
		.select(['api_tokens.id', 'api_tokens.name', 'api_tokens.created_at', 'api_tokens.last_used_at', 'users.username'])
		.where('revoked_at', 'is', null)
		.orderBy('api_tokens.id')
		.execute();
}

/** Revokes by id or name. Throws `not_found` when there is none. */
export async function revokeApiToken(db: Db, idOrName: string): Promise<void> {
	const { numUpdatedRows } = await db
		.updateTable('api_tokens')
		.set({ revoked_at: Date.now() })
		.where((where) => where.or([where('id', '=', idOrName), where('name', '=', idOrName)]))
		.where('revoked_at', 'is', null)
		.executeTakeFirst();
	if (numUpdatedRows === 0n) throw new AppError('not_found', `There is no API token "${idOrName}".`);
}

function hash(token: string): string {
	return createHash('sha256').update(token).digest('hex');
}
