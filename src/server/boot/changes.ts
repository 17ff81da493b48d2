import { type JobState, SETUP_STEPS } from '#shared/queue.ts';
import type { Db } from '../db/client.ts';
import type { Live } from '../live/live.ts';
import type { Logger } from '../logger.ts';
import { findProject, setProjectStatus } from '../projects/projects.ts';
import { announceProject, toStepView } from '../projects/views.ts';
import { findLatestJobs, type Job, type JobEvent } from '../queue/jobs.ts';
import { toJobEventView, toJobView } from '../queue/views.ts';

type Services = { db: Db; live: Live; logger: Logger };

/** The steps without which a project cannot run; the first prompt is not one of them. */
const NEEDED_STEPS: readonly string[] = SETUP_STEPS.slice(0, -1);

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
	if (job.user_id === null || !live.isHeard(job.user_id)) return;
	live.publish({ userId: job.user_id }, { type: 'job.changed', job: toJobView(job, project?.name) });
	if (project === undefined) return;
	if ((SETUP_STEPS as readonly string[]).includes(job.type)) {
		const audience = { userId: project.user_id, projectId: project.id };
		live.publish(audience, { type: 'project.step', projectId: project.id, step: toStepView(job.type, job) });
	}
	await announceProject(services, project.id);
}

/**
 * A setup that failed for good leaves the project in `error`, with the reason; retrying it brings it back. A stop or
 * delete that came after it has the last word, unless it was cancelled or failed itself: then the setup has it again.
 */
export async function followSetup(db: Db, job: Job, status: string): Promise<void> {
	const { project_id: projectId } = job;
	if (projectId === null) return;
	if (isGivenUp(job) && job.type === 'project.stop' && status === 'creating') return settleSetup(db, projectId, status);
	if (!NEEDED_STEPS.includes(job.type)) return;
	if (job.state === 'running' && status === 'error') return setProjectStatus(db, projectId, 'creating');
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
