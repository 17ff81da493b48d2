import type { JobEventView, JobView } from '#shared/queue.ts';
import type { Job, JobEvent } from './jobs.ts';

/** A job as the screens and scripts see it. */
export function toJobView(job: Job, projectName: string | undefined): JobView {
	return {
		id: job.id,
		type: job.type,
		lane: job.lane,
		state: job.state,
		projectId: job.project_id,
		projectName: projectName ?? null,
		attempts: job.attempts,
		maxAttempts: job.max_attempts,
		runAt: toIso(job.run_at),
		startedAt: job.started_at === null ? null : toIso(job.started_at),
		finishedAt: job.finished_at === null ? null : toIso(job.finished_at),
		createdAt: toIso(job.created_at),
		lastError: job.last_error,
	};
}

export function toJobEventView(event: JobEvent): JobEventView {
	return { at: toIso(event.at), level: event.level, message: event.message };
}

function toIso(time: number): string {
	return new Date(time).toISOString();
}
