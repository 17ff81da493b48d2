import { z } from 'zod';
import { LEGACY_PROVIDER_ID, legacyConnectionId } from '../../auth/legacy/legacyKey.ts';
import { listProjectsOfUser } from '../../projects/projects.ts';
import { type EnqueueInput, resumeWaiting } from '../enqueue.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import type { HandlerServices } from './services.ts';

/** A connection was added, changed or removed: every running project of its person looks at what it holds. */
export function credentialsChanged(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'credentials.changed',
		payload: z.object({ connectionId: z.string(), version: z.number(), providerId: z.string().optional() }),
		async run({ connectionId, providerId }, { job, log }) {
			await resumeWaiting(services.db, connectionId);
			// What waits for the legacy key goes on with the connection that takes its place.
			if (providerId === LEGACY_PROVIDER_ID) await resumeWaiting(services.db, legacyConnectionId(job.user_id ?? ''));
			const running = await services.runtime.list();
			const own = await listProjectsOfUser(services.db, job.user_id ?? '', running);
			await log(`${own.length} running ${own.length === 1 ? 'project looks' : 'projects look'} at it`);
			return own.map(
				({ id }): EnqueueInput => ({ type: 'credentials.deliver', payload: { projectId: id }, projectId: id }),
			);
		},
	});
}
