import type { JobState, JobView } from '#shared/queue.ts';

/** Rows kept in the browser; older ones are a filter away. */
const MOST = 500;

export interface JobFilter {
	state: JobState | null;
	type: string | null;
	projectId: string | null;
}

/** The list after one job has changed: in its place when it is shown, by age when it is new, gone when filtered out. */
export function withJob(jobs: JobView[], job: JobView, filter: JobFilter): JobView[] {
	const at = jobs.findIndex((shown) => shown.id === job.id);
	if (!matches(job, filter)) return at === -1 ? jobs : jobs.toSpliced(at, 1);
	if (at !== -1) return jobs.with(at, job);
	const before = jobs.findIndex((shown) => shown.createdAt <= job.createdAt);
	return jobs.toSpliced(before === -1 ? jobs.length : before, 0, job).slice(0, MOST);
}

/** Whether a job can still be stopped. */
export function isOpen(job: JobView): boolean {
	return job.state === 'queued' || job.state === 'running' || job.state === 'waiting_for_credential';
}

/** Whether a job ended in a way that trying again can mend. */
export function isRetryable(job: JobView): boolean {
	return job.state === 'failed' || job.state === 'cancelled';
}

function matches(job: JobView, filter: JobFilter): boolean {
	return (
		(filter.state === null || job.state === filter.state) &&
		(filter.type === null || job.type === filter.type) &&
		(filter.projectId === null || job.projectId === filter.projectId)
	);
}
