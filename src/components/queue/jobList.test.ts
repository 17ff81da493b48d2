import { describe, expect, it } from 'vitest';
import type { JobView } from '#shared/queue.ts';
import { type JobFilter, withJob } from './jobList.ts';

const everything: JobFilter = { state: null, type: null, projectId: null };
const job = (id: string, second: number, fields: Partial<JobView> = {}): JobView => ({
	id,
	type: 'runtime.start',
	lane: 'setup',
	state: 'queued',
	projectId: 'p',
	projectName: 'Bakery',
	attempts: 0,
	maxAttempts: 3,
	runAt: '2026-01-01T10:00:00.000Z',
	startedAt: null,
	finishedAt: null,
	createdAt: `2026-01-01T10:00:0${second}.000Z`,
	lastError: null,
	...fields,
});
const shown = (jobs: JobView[]) => jobs.map((row) => `${row.id} ${row.state}`);

describe('the list of jobs', () => {
	const jobs = [job('c', 3), job('b', 2), job('a', 1)];

	it('changes a job where it stands', () => {
		const next = withJob(jobs, job('b', 2, { state: 'running' }), everything);
		expect(shown(next)).toEqual(['c queued', 'b running', 'a queued']);
		expect(withJob(next, job('b', 2, { state: 'running' }), everything)).toEqual(next);
	});

	it('puts a new job where its age belongs', () => {
		expect(shown(withJob(jobs, job('d', 4), everything))[0]).toBe('d queued');
		expect(shown(withJob(jobs, job('z', 0), everything))[3]).toBe('z queued');
	});

	it('drops a job that no longer fits the filter, and takes in no stranger', () => {
		const queued = { ...everything, state: 'queued' as const };
		expect(shown(withJob(jobs, job('b', 2, { state: 'failed' }), queued))).toEqual(['c queued', 'a queued']);
		expect(withJob(jobs, job('d', 4, { projectId: 'other' }), { ...everything, projectId: 'p' })).toBe(jobs);
		expect(withJob(jobs, job('d', 4, { type: 'project.create' }), { ...everything, type: 'runtime.start' })).toBe(jobs);
	});

	it('keeps a bounded number of rows', () => {
		const many = Array.from({ length: 500 }, (_, at) => job(`j${at}`, 1));
		const next = withJob(many, job('new', 5), everything);
		expect(next).toHaveLength(500);
		expect(next[0]?.id).toBe('new');
	});
});
