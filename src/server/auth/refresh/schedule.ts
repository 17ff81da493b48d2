import type { Db } from '#server/db/client.ts';
import { enqueue } from '#server/queue/enqueue.ts';
import type { ConnectionRow } from '../connections.ts';
import { findRecipe, type SignInRecipes } from '../oauth/recipes.ts';
import type { SignIn } from '../oauth/signIn.ts';

/** How long before its end a token is renewed, in ms; of a short-lived one, half its life. */
const AHEAD = 10 * 60_000;

/** When a sign-in is to be renewed, or, where it cannot be, when it ends. Null: never. */
export function renewAt(signIn: SignIn, canRenew: boolean, now: number): number | null {
	const { expires, refresh } = signIn;
	if (expires === null || !canRenew || refresh === undefined) return expires;
	return Math.round(expires - Math.min(AHEAD, Math.max(0, expires - now) / 2));
}

export function canRenew(providerId: string, recipes: SignInRecipes): boolean {
	const recipe = findRecipe(providerId, recipes);
	return 'renewal' in recipe && recipe.renewal !== null;
}

type Subject = Pick<ConnectionRow, 'id' | 'user_id' | 'oauth_renew_at'>;

/** Enqueues the job that renews a sign-in in time; for the same time only once. */
export async function enqueueRenewal(tx: Db, row: Subject): Promise<void> {
	if (row.oauth_renew_at === null) return;
	await enqueue(tx, {
		type: 'oauth.refresh',
		payload: { connectionId: row.id },
		userId: row.user_id,
		delayMs: Math.max(0, row.oauth_renew_at - Date.now()),
		dedupeKey: `oauth.refresh:${row.id}:${row.oauth_renew_at}`,
	});
}

/** At a start: every sign-in has its job, the overdue ones at once. */
export async function scheduleRenewals(db: Db): Promise<void> {
	const rows = await db
		.selectFrom('provider_connections')
		.select(['id', 'user_id', 'oauth_renew_at'])
		.where('auth_type', '=', 'oauth')
		.where('oauth_renew_at', 'is not', null)
		.execute();
	for (const row of rows) await enqueueRenewal(db, row);
}
