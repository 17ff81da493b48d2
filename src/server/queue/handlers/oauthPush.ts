import { z } from 'zod';
import { expectNewest, pushRenewed } from '../../projects/credentials/push.ts';
import { announceConnection } from '../../projects/views.ts';
import type { EnqueueInput } from '../enqueue.ts';
import { defineHandler, type JobHandler, RetryLater } from '../handler.ts';
import type { HandlerServices } from './services.ts';

const AGAIN = 1_000;
/** How long a project may take over a delivery that was under way, in ms, before a new one is asked for. */
const PATIENCE = 30_000;

/** Brings a renewed sign-in to the running projects, without disturbing what they do. */
export function oauthPush(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'oauth.push',
		payload: z.object({ connectionId: z.string(), since: z.number() }),
		async run({ connectionId, since }, { job, log, withoutSlot }) {
			const { reached, open } = await withoutSlot(() => pushRenewed(services, { connectionId, since, jobId: job.id }));
			await announceConnection(services, connectionId);
			if (reached > 0) await log(`${reached} running ${reached === 1 ? 'project has' : 'projects have'} it`);
			if (open.length === 0) return [];
			if (Date.now() < job.created_at + PATIENCE) throw new RetryLater(AGAIN, `${open.length} to go`);
			await withoutSlot(() => expectNewest(services, open));
			return open.map(
				(projectId): EnqueueInput => ({ type: 'credentials.deliver', payload: { projectId }, projectId }),
			);
		},
	});
}
