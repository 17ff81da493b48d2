import { z } from 'zod';
import { listProjectsOfUser } from '../../projects/projects.ts';
import { type EnqueueInput, resumeWaiting } from '../enqueue.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import type { HandlerServices } from './services.ts';

/** A connection was added, changed or removed: every running project of its person looks at what it holds. */
export function credentialsChanged(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'credentials.changed',
		payload: z.object({ connectionId: z.string(), version: z.number() }),
		async run({ connectionId }, { job, log }) {
			await resumeWaiting(services.db, connectionId);
			const running = await services.runtime.list();
			const own = await listProjectsOfUser(services.db, job.user_id ?? '', running);
			await log(`${own.length} running ${own.length === 1 ? 'project looks' : 'projects look'} at it`);
			return own.map(
				({ id }): EnqueueInput => ({ type: 'credentials.deliver', payload: { projectId: id }, projectId: id }),
			);
		},
	});
}
