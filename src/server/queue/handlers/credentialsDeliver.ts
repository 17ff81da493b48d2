import { AppError, messageForPerson } from '../../errors.ts';
import { noteReceipts } from '../../projects/credentials/readBack.ts';
import { getProject } from '../../projects/projects.ts';
import { refreshProviders } from '../../projects/setup.ts';
import { defineHandler, type JobHandler, RetryLater } from '../handler.ts';
import { type HandlerServices, ofProject } from './services.ts';

/** Brings a running project's OpenCode up to date with its person's connections, as soon as it is idle. */
export function credentialsDeliver(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'credentials.deliver',
		payload: ofProject,
		async run({ projectId }, { job, log }) {
			const project = await getProject(services.db, projectId);
			try {
				const outcome = await services.gate.exclusive(projectId, async () =>
					refreshProviders(services, await getProject(services.db, projectId), job.id),
				);
				await log(
					outcome === 'asleep' ? 'The project is not running; its next start has the newest' : 'OpenCode is up to date',
				);
			} catch (error) {
				const isLast = error instanceof AppError || job.attempts >= job.max_attempts;
				if (error instanceof RetryLater) await noteReceipts(services, project, 'pending', error.message);
				else if (isLast) await noteReceipts(services, project, 'failed', messageForPerson(error));
				throw error;
			}
		},
	});
}
