import type { Db } from '#server/db/client.ts';
import { type ConnectionRow, findConnection } from '../connections.ts';
import { isLasting } from '../oauth/recipes.ts';
import type { Refresher } from './refresher.ts';

/**
 * What it means that a provider refused a sign-in with 401 or 403. An access token may be stale, or taken back early,
 * while the sign-in itself is in order, so that new tokens are asked for before anybody calls it expired:
 * `renewed`: what was refused is not what the connection holds now; deliver that, and send again, once;
 * `ended`: the provider does not renew it either;
 * `trouble`: nobody can tell at the moment.
 * `used` is the row as it was when its token was sent.
 */
export async function confirmRefusal(
	{ db, refresher }: { db: Db; refresher: Refresher },
	used: ConnectionRow,
): Promise<'renewed' | 'ended' | 'trouble'> {
	if (!(await holdsStill(db, used))) return 'renewed';
	if (isLasting(used.provider_id)) return 'ended';
	const { kind } = await refresher.renew(used.id, { early: true });
	if (kind === 'ended') return 'ended';
	// What it says is of a renewal that was under way, too, which may have come to nothing.
	return (await holdsStill(db, used)) ? 'trouble' : 'renewed';
}

/** Whether the connection has the tokens that this row had: their end tells them apart, since the version stays. */
async function holdsStill(db: Db, used: ConnectionRow): Promise<boolean> {
	const now = await findConnection(db, used.id);
	return now?.version === used.version && now.oauth_expires_at === used.oauth_expires_at;
}
