import { getProject } from '../../projects/projects.ts';
import { waitForOpenCode } from '../../projects/setup.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import { type HandlerServices, nextStep, ofProject } from './services.ts';

/** Step 3: OpenCode answers. */
export function opencodeWaitHealthy(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'opencode.waitHealthy',
		payload: ofProject,
		async run({ projectId }, { signal, log }) {
			await waitForOpenCode(services, await getProject(services.db, projectId), signal);
			await log('OpenCode is healthy');
			return nextStep('opencode.setProviderCredentials', projectId);
		},
	});
}
