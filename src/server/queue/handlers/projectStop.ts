import { getProject, setProjectStatus } from '../../projects/projects.ts';
import { stopRuntime } from '../../projects/setup.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import { type HandlerServices, ofProject } from './services.ts';

/** Ends a project's processes. */
export function projectStop(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'project.stop',
		payload: ofProject,
		async run({ projectId }, { job, log }) {
			services.watchers.unwatch(projectId);
			await stopRuntime(services, await getProject(services.db, projectId), job.id);
			await setProjectStatus(services.db, projectId, 'stopped');
			await log('Every process has ended');
		},
	});
}
