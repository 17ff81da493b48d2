import { type JobState, SETUP_STEPS, START_STEPS } from '#shared/queue.ts';
import { findMessageOfJob } from '../chat/messages.ts';
import { publishMessage } from '../chat/refused.ts';
import type { Db } from '../db/client.ts';
import type { Live } from '../live/live.ts';
import type { Logger } from '../logger.ts';
import { findProject, type Project, setProjectStatus } from '../projects/projects.ts';
import { announceProject, type ProjectViewDeps, toStepView } from '../projects/views.ts';
import { findLatestJobs, type Job, type JobEvent, PROMPT_JOBS } from '../queue/jobs.ts';
import { toJobEventView, toJobView } from '../queue/views.ts';

type Services = ProjectViewDeps & { live: Live; logger: Logger };

/** A job that will be done or was. */
const STANDING: readonly JobState[] = ['queued', 'running', 'waiting_for_credential', 'succeeded'];

/** Takes the queue's changes to the projects and the open pages. One after another, so that the last word is the newest. */
export function createJobAnnouncer(services: Services) {
	const { live, logger } = services;
	const owners = new Map<string, string>();
	let last = Promise.resolve();
	const later = (work: () => Promise<void>): void => {
		last = last.then(work).catch((error: unknown) => logger.error({ err: error }, 'A change was not announced.'));
	};
	return {
		jobChanged(job: Job): void {
			if (job.user_id !== null) owners.set(job.id, job.user_id);
			later(() => announceJob(services, job));
			if (['succeeded', 'failed', 'cancelled'].includes(job.state)) later(async () => void owners.delete(job.id));
		},
		jobEvent(jobId: string, event: JobEvent): void {
			const userId = owners.get(jobId);
			if (userId !== undefined) live.publish({ userId }, { type: 'job.event', jobId, event: toJobEventView(event) });
		},
	};
}

async function announceJob(services: Services, job: Job): Promise<void> {
	const { db, live } = services;
	const project = job.project_id === null ? undefined : await findProject(db, job.project_id);
	if (project !== undefined) await followSetup(db, job, project.status);
	if (project !== undefined && job.state === 'cancelled') await noteStopped(services, project, job);
	if (job.user_id === null || !live.isHeard(job.user_id)) return;
	live.publish({ userId: job.user_id }, { type: 'job.changed', job: toJobView(job, project?.name) });
	if (project === undefined) return;
	if ((SETUP_STEPS as readonly string[]).includes(job.type)) {
		const audience = { userId: project.user_id, projectId: project.id };
		live.publish(audience, { type: 'project.step', projectId: project.id, step: toStepView(job.type, job) });
	}
	await announceProject(services, project.id);
}

/** A message whose job was cancelled before the agent had it says so itself. */
async function noteStopped(services: Services, project: Project, job: Job): Promise<void> {
	if (!(PROMPT_JOBS as readonly string[]).includes(job.type)) return;
	const message = await findMessageOfJob(services.db, job);
	if (message === undefined || (message.error !== null && message.error.kind !== 'waiting')) return;
	await publishMessage(services, project, message.id, { kind: 'cancelled', message: 'Stopped.' });
}

/**
 * A setup that failed for good leaves the project in `error`, with the reason; retrying it brings it back. A stop or
 * delete that came after it has the last word, unless it was cancelled or failed itself: then the setup has it again.
 */
export async function followSetup(db: Db, job: Job, status: string): Promise<void> {
	const { project_id: projectId } = job;
	if (projectId === null) return;
	if (isGivenUp(job) && job.type === 'project.stop' && status === 'creating') return settleSetup(db, projectId, status);
	if (!(START_STEPS as string[]).includes(job.type)) return;
	if (job.state === 'running' && (status === 'error' || status === 'stopped'))
		return setProjectStatus(db, projectId, 'creating');
	if (!isGivenUp(job)) return;
	const ends = await findLatestJobs(db, projectId, ['project.stop', 'project.delete'], STANDING);
	if ([...ends.values()].some(({ id }) => id > job.id)) return;
	const words = job.state === 'failed' ? job.last_error : 'Its start was cancelled. Retry to start it again.';
	await setProjectStatus(db, projectId, 'error', words);
}

/** Takes the newest step of a project's setup to the project, for when nobody looked as it ended. */
export async function settleSetup(db: Db, projectId: string, status: string): Promise<void> {
	const jobs = await findLatestJobs(db, projectId, SETUP_STEPS);
	const newest = [...jobs.values()].sort((one, other) => other.updated_at - one.updated_at)[0];
	if (newest !== undefined) await followSetup(db, newest, status);
}

function isGivenUp({ state }: Job): boolean {
	return state === 'failed' || state === 'cancelled';
}
