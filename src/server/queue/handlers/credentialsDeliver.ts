import { getProject } from '../../projects/projects.ts';
import { refreshProviders } from '../../projects/setup.ts';
import { defineHandler, type JobHandler, RetryLater } from '../handler.ts';
import { type HandlerServices, ofProject } from './services.ts';

/** How long a busy project is left alone before it is asked again, in ms. */
const BUSY_DELAY = 1_500;

/** Brings a running project's OpenCode up to date with its person's connections, as soon as it is idle. */
export function credentialsDeliver(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'credentials.deliver',
		payload: ofProject,
		async run({ projectId }, { job, log }) {
			const outcome = await services.gate.exclusive(projectId, async () =>
				refreshProviders(services, await getProject(services.db, projectId), job.id),
			);
			if (outcome === 'busy') throw new RetryLater(BUSY_DELAY, 'The agent is working; its turn is not disturbed');
			await log(
				outcome === 'asleep' ? 'The project is not running; its next start has the newest' : 'OpenCode is up to date',
			);
		},
	});
}
