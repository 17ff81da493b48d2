import { z } from 'zod';
import type { App } from '#server/app.ts';
import { AppError } from '#server/errors.ts';
import { listProjects } from '#server/projects/projects.ts';
import { cancelJob, isQueuePaused, pauseQueue, resumeQueue, retryJob } from '#server/queue/enqueue.ts';
import { getJob, type Job, listJobEvents, listJobs } from '#server/queue/jobs.ts';
import { toJobEventView, toJobView } from '#server/queue/views.ts';
import type { User } from '#server/users/users.ts';
import { jobDetail, jobState, jobView } from '#shared/queue.ts';
import { adminAction, nothing, userAction } from './define.ts';

const jobId = z.object({ jobId: z.string().max(64) });
const oneJob = z.object({ job: jobDetail });
const PAGE = 200;

export const queue = {
	list: userAction({
		input: z.object({
			projectId: z.string().max(64).optional(),
			state: jobState.optional(),
			type: z.string().max(64).optional(),
			before: z.string().max(64).optional(),
		}),
		output: z.object({ jobs: z.array(jobView) }),
		async run(input, { app, user }) {
			const userId = user.role === 'admin' ? undefined : user.id;
			const jobs = await listJobs(app.db, { ...input, userId, limit: PAGE });
			const names = await projectNames(app, user);
			return { jobs: jobs.map((job) => toJobView(job, names.get(job.project_id ?? ''))) };
		},
	}),

	get: userAction({
		input: jobId,
		output: oneJob,
		run: async (input, { app, user }) => detailOf(app, user, await ownJob(app, user, input.jobId)),
	}),

	retry: userAction({
		input: jobId,
		output: oneJob,
		async run(input, { app, user }) {
			await ownJob(app, user, input.jobId);
			return detailOf(app, user, await retryJob(app.db, input.jobId));
		},
	}),

	cancel: userAction({
		input: jobId,
		output: oneJob,
		async run(input, { app, user }) {
			await ownJob(app, user, input.jobId);
			return detailOf(app, user, await cancelJob(app.db, input.jobId));
		},
	}),

	status: userAction({
		input: nothing,
		output: z.object({ paused: z.boolean() }),
		run: async (_, { app }) => ({ paused: await isQueuePaused(app.db) }),
	}),

	pause: adminAction({
		input: nothing,
		output: nothing,
		async run(_, { app }) {
			await pauseQueue(app.db);
			return {};
		},
	}),

	resume: adminAction({
		input: nothing,
		output: nothing,
		async run(_, { app }) {
			await resumeQueue(app.db);
			return {};
		},
	}),
};

async function ownJob(app: App, user: User, id: string): Promise<Job> {
	const job = await getJob(app.db, id);
	if (job.user_id !== user.id && user.role !== 'admin') throw new AppError('not_found', 'There is no such job.');
	return job;
}

async function detailOf(app: App, user: User, job: Job): Promise<z.infer<typeof oneJob>> {
	const view = toJobView(job, (await projectNames(app, user)).get(job.project_id ?? ''));
	const events = await listJobEvents(app.db, job.id);
	return { job: { ...view, payload: job.payload, events: events.map(toJobEventView) } };
}

async function projectNames(app: App, user: User): Promise<Map<string, string>> {
	return new Map((await listProjects(app.db, user.id)).map((project) => [project.id, project.name]));
}
