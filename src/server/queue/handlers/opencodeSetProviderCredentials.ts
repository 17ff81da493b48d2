import { getProject } from '../../projects/projects.ts';
import { setProviderCredentials } from '../../projects/setup.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import { type HandlerServices, nextStep, ofProject } from './services.ts';

/** Step 4: the project's own connection, and nothing else, through `auth.set`. */
export function opencodeSetProviderCredentials(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'opencode.setProviderCredentials',
		payload: ofProject,
		async run({ projectId }, { job, signal, log }) {
			const project = await getProject(services.db, projectId);
			await setProviderCredentials(services, project, { signal, jobId: job.id });
			await log(`OpenCode has the credential of ${project.current_model_provider_id}`);
			return nextStep('opencode.sessionCreate', projectId);
		},
	});
}
