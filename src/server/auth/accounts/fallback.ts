import { recordAudit } from '#server/audit/audit.ts';
import { type Db, inTransaction } from '#server/db/client.ts';
import { resumeWaiting } from '#server/queue/enqueue.ts';
import type { FallbackMode } from '#shared/providers.ts';
import type { Person } from '../connectionChanges.ts';

/** What happens to a prompt whose provider fails, and whether the project returns to it once it works again. */
export type FallbackSettings = { mode: FallbackMode; returns: boolean };

export async function getFallback(db: Db, userId: string): Promise<FallbackSettings> {
	const row = await db
		.selectFrom('user_settings')
		.select(['fallback', 'fallback_return'])
		.where('user_id', '=', userId)
		.executeTakeFirst();
	return { mode: row?.fallback ?? 'automatic', returns: (row?.fallback_return ?? 1) === 1 };
}

/** `returns` stays as it is when it is not given. */
export async function setFallback(
	db: Db,
	person: Person,
	{ mode, returns }: { mode: FallbackMode; returns?: boolean | undefined },
): Promise<FallbackSettings> {
	return inTransaction(db, async (tx) => {
		const next = { mode, returns: returns ?? (await getFallback(tx, person.id)).returns };
		const columns = { fallback: next.mode, fallback_return: next.returns ? 1 : 0, updated_at: Date.now() };
		await tx
			.insertInto('user_settings')
			.values({ provider_auth_initialized: 0, ...columns, user_id: person.id })
			.onConflict((conflict) => conflict.column('user_id').doUpdateSet(columns))
			.execute();
		if (next.mode === 'automatic') await resumeWaiting(tx, { userId: person.id });
		await recordAudit(tx, { actor: person.actor, userId: person.id, action: 'settings.fallback', detail: next });
		return next;
	});
}
