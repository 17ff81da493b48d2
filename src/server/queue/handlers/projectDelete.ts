import { findProject, forgetProject } from '../../projects/projects.ts';
import { removeProjectFiles } from '../../projects/setup.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import { type HandlerServices, ofProject } from './services.ts';

/** Removes a project's processes, files and row, in this order: interrupted, it goes on where it was. */
export function projectDelete(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'project.delete',
		payload: ofProject,
		async run({ projectId }, { log }) {
			services.watchers.unwatch(projectId);
			await removeProjectFiles(services, projectId);
			await log('Processes and files are gone');
			const project = await findProject(services.db, projectId);
			await forgetProject(services.db, projectId);
			if (project !== undefined)
				services.live.publish({ userId: project.user_id }, { type: 'project.deleted', projectId });
		},
	});
}
