import { z } from 'zod';
import { findConnection } from '../../auth/connections.ts';
import { probeConnection } from '../../auth/providers.ts';
import { reportStatus } from '../../auth/status.ts';
import { announceConnection } from '../../projects/views.ts';
import { defineHandler, type JobHandler, RetryLater } from '../handler.ts';
import type { HandlerServices } from './services.ts';

/** A provider that stays away is asked at growing intervals, between these, in ms. */
const [SHORTEST, LONGEST] = [10_000, 300_000];

/** A limit that has run out, or a provider that was away: what waits for it may go on once it serves again. */
export function connectionRecheck(services: HandlerServices): JobHandler {
	const { db, keyring, catalog, refresher } = services;
	return defineHandler({
		type: 'connection.recheck',
		payload: z.object({ connectionId: z.string(), version: z.number(), problemAt: z.number() }),
		async run({ connectionId, version, problemAt }, { signal, log }) {
			const row = await findConnection(db, connectionId);
			// Another trouble has a job of its own.
			if (row?.version !== version || row.problem_at !== problemAt) return;
			if (row.reason === 'rate_limited') {
				const wait = (row.retry_at ?? 0) - Date.now();
				if (wait > 0) throw new RetryLater(wait, 'The provider limits requests');
				await reportStatus(db, row, undefined);
				await log('The limit has run out');
			} else if (row.reason === 'unreachable') {
				const askedAt = Date.now();
				const outcome = await probeConnection({ db, keyring, directory: catalog, refresher }, row, signal);
				// Where no test is possible, real use has to find out.
				const serves = outcome.ok || outcome.reason === 'not_tested';
				await reportStatus(db, row, serves ? undefined : outcome, { by: 'recheck', askedAt });
				if (outcome.reason === 'unreachable') throw new RetryLater(delayFor(problemAt), outcome.message);
				await log(outcome.message);
			}
			await announceConnection(services, connectionId);
		},
	});
}

function delayFor(since: number): number {
	return Math.min(Math.max((Date.now() - since) / 4, SHORTEST), LONGEST);
}
