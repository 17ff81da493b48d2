import { getProject, setProjectStatus } from '../../projects/projects.ts';
import { ensureSession, getOpenCode } from '../../projects/setup.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import { findLatestJobs } from '../jobs.ts';
import { type HandlerServices, nextStep, ofProject } from './services.ts';

/** Step 5: the OpenCode session. From here on the project counts as running. */
export function opencodeSessionCreate(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'opencode.sessionCreate',
		payload: ofProject,
		async run({ projectId }, { signal, log }) {
			const project = await getProject(services.db, projectId);
			const openCode = await getOpenCode(services, project, signal);
			const sessionId = await ensureSession(services, project, openCode);
			services.watchers.watch(project, openCode, sessionId);
			await setProjectStatus(services.db, projectId, 'running');
			await log('The session is ready');
			const earlier = await findLatestJobs(services.db, projectId, ['opencode.sendInitialPrompt']);
			return earlier.size === 0 ? nextStep('opencode.sendInitialPrompt', projectId) : [];
		},
	});
}
