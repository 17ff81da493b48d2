import { z } from 'zod';
import { announceProject, announceProjectsOf } from '../../projects/views.ts';
import { budgetKey } from '../../usage/budgets.ts';
import { resumeWaiting } from '../enqueue.ts';
import { defineHandler, type JobHandler, RetryLater } from '../handler.ts';
import type { HandlerServices } from './services.ts';

/** A budget's day or month has ended: what waits for it goes on, and the pages that speak of it are told. */
export function budgetRecheck(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'budget.recheck',
		payload: z.object({ subject: z.enum(['project', 'connection']), subjectId: z.string(), until: z.number() }),
		async run({ subject, subjectId, until }, { job, log }) {
			const left = until - Date.now();
			if (left > 0) throw new RetryLater(left, 'The budget begins anew later');
			const resumed = await resumeWaiting(services.db, { connectionId: budgetKey({ subject, subject_id: subjectId }) });
			await log(resumed === 0 ? 'Nothing waited for it' : 'What waited for it goes on');
			if (subject === 'project') await announceProject(services, subjectId);
			else await announceProjectsOf(services, job.user_id ?? '');
		},
	});
}
