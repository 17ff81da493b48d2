import { getProject } from '../../projects/projects.ts';
import { prepareWorkspace } from '../../projects/setup.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import { type HandlerServices, nextStep, ofProject } from './services.ts';

/** Step 1: the site's files. */
export function projectCreate(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'project.create',
		payload: ofProject,
		async run({ projectId }, { log }) {
			const project = await getProject(services.db, projectId);
			for (const note of await prepareWorkspace(services, project)) await log(note);
			await log("The site's files are in place");
			return nextStep('runtime.start', projectId);
		},
	});
}
