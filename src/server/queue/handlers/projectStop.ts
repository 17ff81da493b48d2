import { z } from 'zod';
import { setReachedLimit } from '../../projects/life/limits.ts';
import { getProject, type StopReason, setProjectStatus } from '../../projects/projects.ts';
import { stopRuntime } from '../../projects/setup.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import { type HandlerServices, ofProject } from './services.ts';

const WORDS: Record<StopReason, string> = {
	idle: 'Nobody has used it for as long as the settings allow',
	limit: 'It ran into a limit',
	away: 'What runs projects was away; its next visitor starts it again',
};

/** Ends a project's processes. */
export function projectStop(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'project.stop',
		payload: ofProject.extend({ why: z.enum(['idle', 'limit', 'away']).optional() }),
		async run({ projectId, why }, { job, log }) {
			if (why !== undefined) await log(WORDS[why]);
			services.watchers.unwatch(projectId);
			await stopRuntime(services, await getProject(services.db, projectId), job.id);
			// That it was stopped for a limit is not so any more.
			if (why !== 'limit') await setReachedLimit(services.db, projectId, null);
			await setProjectStatus(services.db, projectId, 'stopped');
			await log('Every process has ended');
		},
	});
}
