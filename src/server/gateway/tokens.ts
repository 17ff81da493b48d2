import { createHash, randomBytes } from 'node:crypto';
import type { CompiledQuery } from 'kysely';
import type { Db } from '../db/client.ts';
import type { Row } from '../db/schema.ts';
import { Secret } from '../secret.ts';

/** How long a token is good if nothing ends it before, in ms. */
const LIFE = 7 * 86_400_000;
/** One that ends sooner than this is replaced at the next opportunity, in ms. */
const SPARE = 86_400_000;

type Bound = { projectId: string; connectionId: string };

/** A new token that a project may show for a connection. Only its hash is kept: it is never to be had again. */
export async function issueToken(db: Db, bound: Bound & { userId: string }): Promise<Secret> {
	const token = `dpt_${randomBytes(32).toString('base64url')}`;
	const now = Date.now();
	await db
		.insertInto('gateway_tokens')
		.values({
			token_hash: hashOf(token),
			project_id: bound.projectId,
			connection_id: bound.connectionId,
			user_id: bound.userId,
			created_at: now,
			expires_at: now + LIFE,
			revoked_at: null,
		})
		.execute();
	return new Secret(token);
}

/** Whether it has the look of one. */
export function isGatewayToken(text: string): boolean {
	return /^dpt_[\w-]{43}$/.test(text);
}

/** Ends every token of a project, of a connection, or of both, but for `except`. Ended ones of a project go for good. */
export async function revokeTokens(db: Db, which: Partial<Bound>, except?: Secret): Promise<void> {
	const { projectId, connectionId } = which;
	if (projectId === undefined && connectionId === undefined) throw new Error('Say whose tokens to revoke.');
	let query = db.updateTable('gateway_tokens').set({ revoked_at: Date.now() }).where('revoked_at', 'is', null);
	if (projectId !== undefined) query = query.where('project_id', '=', projectId);
	if (connectionId !== undefined) query = query.where('connection_id', '=', connectionId);
	if (except !== undefined) query = query.where('token_hash', '!=', hashOf(except.reveal()));
	await query.execute();
	await db
		.deleteFrom('gateway_tokens')
		.where('revoked_at', '<', Date.now() - LIFE)
		.execute();
}

/** Whether a project holds a token for a connection that is good for a while. */
export async function hasLastingToken(db: Db, { projectId, connectionId }: Bound): Promise<boolean> {
	const row = await db
		.selectFrom('gateway_tokens')
		.select('token_hash')
		.where('project_id', '=', projectId)
		.where('connection_id', '=', connectionId)
		.where('revoked_at', 'is', null)
		.where('expires_at', '>', Date.now() + SPARE)
		.executeTakeFirst();
	return row !== undefined;
}

/** Who shows a token: the token's row with the connection's, if that is the same person's. */
export type Bearer = {
	token: Pick<Row<'gateway_tokens'>, 'token_hash' | 'project_id' | 'connection_id' | 'user_id'>;
	/** Undefined once it is disconnected. */
	connection: Row<'provider_connections'> | undefined;
	/** False for a token that was revoked, or has expired. */
	isGood: boolean;
};

/** Undefined for a token that was never issued. */
export async function findBearer(db: Db, token: string, now: number): Promise<Bearer | undefined> {
	lookUp ??= bearerQuery(db).compile() as CompiledQuery<Found>;
	const { rows } = await db.executeQuery<Found>({ ...lookUp, parameters: [hashOf(token)] });
	const [row] = rows;
	if (row === undefined) return undefined;
	const { token_hash, project_id, connection_id, owner_id: user_id, expires_at, revoked_at, ...rest } = row;
	return {
		token: { token_hash, project_id, connection_id, user_id },
		connection: rest.id === null ? undefined : (rest as Row<'provider_connections'>),
		isGood: revoked_at === null && expires_at > now,
	};
}

/** Compiled once: it is asked for each call, and compiling it takes longer than its answer. */
let lookUp: CompiledQuery<Found> | undefined;

type Nullable<T> = { [K in keyof T]: T[K] | null };
type Found = Nullable<Row<'provider_connections'>> &
	Pick<Row<'gateway_tokens'>, 'token_hash' | 'project_id' | 'connection_id' | 'expires_at' | 'revoked_at'> & {
		owner_id: string;
	};

function bearerQuery(db: Db) {
	return db
		.selectFrom('gateway_tokens as token')
		.leftJoin('provider_connections as connection', (join) =>
			join.onRef('connection.id', '=', 'token.connection_id').onRef('connection.user_id', '=', 'token.user_id'),
		)
		.selectAll('connection')
		.select(['token_hash', 'project_id', 'connection_id', 'token.user_id as owner_id', 'expires_at', 'revoked_at'])
		.where('token_hash', '=', '');
}

/** Of these tokens' hashes, those that are good no more, or whose connection is gone. */
export async function listDead(db: Db, hashes: readonly string[], now: number): Promise<Set<string>> {
	const alive = await db
		.selectFrom('gateway_tokens')
		.innerJoin('provider_connections', 'provider_connections.id', 'gateway_tokens.connection_id')
		.select('token_hash')
		.where('token_hash', 'in', hashes)
		.where('revoked_at', 'is', null)
		.where('expires_at', '>', now)
		.execute();
	const found = new Set(alive.map((row) => row.token_hash));
	return new Set(hashes.filter((hash) => !found.has(hash)));
}

function hashOf(token: string): string {
	return createHash('sha256').update(token).digest('base64url');
}
