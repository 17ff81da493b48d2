import { parseArgs } from 'node:util';
import type { Db } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import { createApiToken, listApiTokens, revokeApiToken } from '#server/users/apiTokens.ts';
import { findFirstAdmin, findUserByName, type User } from '#server/users/users.ts';
import { withDatabase } from './open.ts';

/** `token create` prints the token alone as the last line of stdout; it cannot be shown again. */
export async function token(args: string[]): Promise<void> {
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: { name: { type: 'string' }, user: { type: 'string' } },
	});
	const [verb, target] = positionals;
	await withDatabase(async ({ db }) => {
		if (verb === 'create') return create(db, values.name, values.user);
		if (verb === 'list') return list(db);
		if (verb === 'revoke' && target !== undefined) return revokeApiToken(db, target);
		throw new AppError(
			'invalid',
			'Say what to do: token create --name <name>, token list, or token revoke <id or name>.',
		);
	});
}

async function create(db: Db, name: string | undefined, username: string | undefined): Promise<void> {
	if (name === undefined || name.trim() === '') throw new AppError('invalid', 'Give the token a name: --name <name>.');
	console.log(await createApiToken(db, await findOwner(db, username), name.trim()));
}

async function findOwner(db: Db, username: string | undefined): Promise<User> {
	if (username === undefined) {
		const admin = await findFirstAdmin(db);
		if (admin !== undefined) return admin;
		throw new AppError(
			'conflict',
			'There is no admin yet. Set doce up in the browser first, or start it with DOCE_ADMIN_USERNAME and DOCE_ADMIN_PASSWORD.',
		);
	}
	const user = await findUserByName(db, username);
	if (user === undefined) throw new AppError('not_found', `There is no user "${username}".`);
	return user;
}

async function list(db: Db): Promise<void> {
	const rows = await listApiTokens(db);
	for (const row of rows) {
		const used = row.last_used_at === null ? 'never used' : `used ${new Date(row.last_used_at).toISOString()}`;
		console.log(`${row.id}  ${row.name}  acts as ${row.username}  ${used}`);
	}
	if (rows.length === 0) console.log('There are no API tokens.');
}
