import { z } from 'zod';
import { findConnection } from '../../auth/connections.ts';
import { announceConnection } from '../../projects/views.ts';
import { defineHandler, type JobHandler, RetryLater } from '../handler.ts';
import type { HandlerServices } from './services.ts';

/** The first and the longest wait for a provider that cannot be reached, in ms. */
const SOON = 5_000;
const LATE = 5 * 60_000;
/** The least wait after a refusal, in ms: a few of them end the sign-in. */
const REFUSED = 60_000;

/** Renews a sign-in ahead of its end. As long as the provider cannot be reached it is asked again, ever more patiently. */
export function oauthRefresh(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'oauth.refresh',
		payload: z.object({ connectionId: z.string() }),
		async run({ connectionId }, { log, withoutSlot }) {
			const { kind, message } = await withoutSlot(() => services.refresher.renew(connectionId));
			if (kind === 'trouble') {
				const row = await findConnection(services.db, connectionId);
				const least = row !== undefined && row.oauth_refusals > 0 ? REFUSED : SOON;
				const since = Date.now() - (row?.oauth_renew_at ?? Date.now());
				throw new RetryLater(Math.min(LATE, Math.max(least, since)), message ?? 'No answer');
			}
			if (kind === 'ended') await announceConnection(services, connectionId);
			await log(kind === 'ended' ? 'The provider ended the sign-in' : kind === 'gone' ? 'It is gone' : 'Renewed');
		},
	});
}
