import { z } from 'zod';
import { followChange } from '../../projects/credentials/changes.ts';
import { listProjectsOfUser } from '../../projects/projects.ts';
import { announceConnection, announceProject } from '../../projects/views.ts';
import type { EnqueueInput } from '../enqueue.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import type { HandlerServices } from './services.ts';

/** A connection was added, changed, cured or removed: every running project of its person looks at what it holds. */
export function credentialsChanged(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'credentials.changed',
		payload: z.object({ connectionId: z.string(), version: z.number(), providerId: z.string(), active: z.boolean() }),
		async run(change, { job, log }) {
			const running = await services.runtime.list();
			const userId = job.user_id ?? '';
			const { moved, concerned } = await followChange(services, { ...change, userId }, running);
			for (const { id } of moved) await announceProject(services, id);
			await announceConnection(services, change.connectionId);
			const own = await listProjectsOfUser(services.db, userId, [...new Set([...running, ...concerned])]);
			await log(`${own.length} ${own.length === 1 ? 'project looks' : 'projects look'} at it`);
			return own.map(
				({ id }): EnqueueInput => ({ type: 'credentials.deliver', payload: { projectId: id }, projectId: id }),
			);
		},
	});
}
