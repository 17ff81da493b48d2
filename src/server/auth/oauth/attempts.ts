import { z } from 'zod';
import type { Db } from '#server/db/client.ts';
import { newId } from '#server/db/id.ts';
import type { Row } from '#server/db/schema.ts';
import { AppError } from '#server/errors.ts';
import type { OAuthAttempt } from '#shared/oauth.ts';
import type { OAuthState } from '#shared/providers.ts';
import type { Person } from '../connectionChanges.ts';

export type AttemptRow = Row<'oauth_attempts'>;

/** What else is known of an attempt. Nothing secret: the secrets are in its OpenCode, the link in that of the page. */
const attemptDetail = z.object({
	/** Index in OpenCode's list of the provider's methods. */
	method: z.number().int(),
	/** The method's name. */
	title: z.string(),
	inputs: z.record(z.string(), z.string()),
	/** The connection that is signed in to again. */
	connectionId: z.string().optional(),
	label: z.string().optional(),
	actor: z.custom<Person['actor']>((value) => typeof value === 'string'),
});
export type AttemptDetail = z.infer<typeof attemptDetail>;

export function detailOf(row: Pick<AttemptRow, 'detail'>): AttemptDetail {
	return attemptDetail.parse(JSON.parse(row.detail));
}

type NewAttempt = { id: string; userId: string; providerId: string; detail: AttemptDetail; expiresAt: number };

export function newAttemptId(): string {
	return newId();
}

export async function insertAttempt(db: Db, attempt: NewAttempt): Promise<void> {
	const now = Date.now();
	const values = {
		id: attempt.id,
		user_id: attempt.userId,
		provider_id: attempt.providerId,
		state: 'pending' as const,
		flow: 'auto' as const,
		detail: JSON.stringify(attempt.detail),
		expires_at: attempt.expiresAt,
		created_at: now,
		updated_at: now,
	};
	await db.insertInto('oauth_attempts').values(values).execute();
}

/** Throws `not_found`, also for another person's attempt. */
export async function getAttempt(db: Db, userId: string, attemptId: string): Promise<AttemptRow> {
	const row = await findAttempt(db, attemptId);
	if (row?.user_id !== userId) throw new AppError('not_found', 'There is no such sign-in. Start it again.');
	return row;
}

export async function findAttempt(db: Db, attemptId: string): Promise<AttemptRow | undefined> {
	return db.selectFrom('oauth_attempts').selectAll().where('id', '=', attemptId).executeTakeFirst();
}

export async function listPendingAttempts(db: Db): Promise<AttemptRow[]> {
	return db.selectFrom('oauth_attempts').selectAll().where('state', '=', 'pending').orderBy('id').execute();
}

/** Notes how a pending attempt goes on. Returns whether it was still pending. */
export async function openAttempt(
	db: Db,
	attemptId: string,
	values: Pick<AttemptRow, 'flow' | 'expires_at' | 'job_id'>,
): Promise<boolean> {
	return change(db, attemptId, values);
}

type Ending = { state: Exclude<OAuthState, 'pending'>; message?: string; connectionId?: string };

/** Ends a pending attempt. An attempt ends once: returns whether this was it. */
export async function endAttempt(db: Db, attemptId: string, ending: Ending): Promise<boolean> {
	const { state, message = null, connectionId = null } = ending;
	return change(db, attemptId, { state, message, connection_id: connectionId });
}

async function change(db: Db, attemptId: string, values: Partial<AttemptRow>): Promise<boolean> {
	const { numUpdatedRows } = await db
		.updateTable('oauth_attempts')
		.set({ ...values, updated_at: Date.now() })
		.where('id', '=', attemptId)
		.where('state', '=', 'pending')
		.executeTakeFirst();
	return numUpdatedRows > 0n;
}

/** The only way an attempt's row becomes JSON. */
export function toAttemptView(row: AttemptRow): OAuthAttempt {
	return {
		id: row.id,
		providerId: row.provider_id,
		state: row.state,
		message: row.message,
		connectionId: row.connection_id,
		expiresAt: new Date(row.expires_at).toISOString(),
	};
}
