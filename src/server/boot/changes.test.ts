import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobState } from '#shared/queue.ts';
import { setProjectStatus } from '../projects/projects.ts';
import { enqueue } from '../queue/enqueue.ts';
import { getJob, type JobType } from '../queue/jobs.ts';
import { followSetup } from './changes.ts';
import { type OneProject, openOneProject } from './testing/oneProject.ts';

let one: OneProject;

beforeEach(async () => {
	one = await openOneProject();
});

afterEach(() => one.close());

async function add(type: JobType, state: JobState): Promise<string> {
	const { projectId } = one;
	const { jobId } = await enqueue(one.db, { type, payload: { projectId }, projectId });
	await setState(jobId, state);
	return jobId;
}

async function setState(jobId: string, state: JobState): Promise<void> {
	const lastError = state === 'failed' ? 'It did not work.' : null;
	const values = { state, last_error: lastError, updated_at: Date.now() };
	await one.db.updateTable('jobs').set(values).where('id', '=', jobId).execute();
}

/** What the worker's announcer does with every change of a job. */
const announce = async (jobId: string) =>
	followSetup(one.db, await getJob(one.db, jobId), (await one.project()).status);

test('a setup that failed or was cancelled is the project’s error', async () => {
	const start = await add('runtime.start', 'failed');
	await announce(start);
	expect(await one.project()).toMatchObject({ status: 'error', error: 'It did not work.' });
	await setState(start, 'running');
	await announce(start);
	expect(await one.project()).toMatchObject({ status: 'creating', error: null });
	await setState(start, 'cancelled');
	await announce(start);
	expect((await one.project()).error).toContain('cancelled');
});

test.each(['queued', 'running', 'succeeded'] as const)('a stop that is %s has the last word', async (state) => {
	const start = await add('runtime.start', 'running');
	await add('project.stop', state);
	await setState(start, 'cancelled');
	await setProjectStatus(one.db, one.projectId, 'stopped');
	await announce(start);
	expect(await one.project()).toMatchObject({ status: 'stopped', error: null });
});

test.each(['cancelled', 'failed'] as const)('a stop that was %s has no word', async (state) => {
	const start = await add('runtime.start', 'running');
	await add('project.stop', state);
	await setState(start, 'cancelled');
	await announce(start);
	expect(await one.project()).toMatchObject({ status: 'error' });
});

test.each(['cancelled', 'failed'] as const)(
	'a stop that is %s after the setup it ended gives the word back',
	async (state) => {
		const start = await add('runtime.start', 'running');
		const stop = await add('project.stop', 'running');
		await setState(start, 'cancelled');
		await announce(start);
		expect(await one.project()).toMatchObject({ status: 'creating' });
		await setState(stop, state);
		await announce(stop);
		expect(await one.project()).toMatchObject({ status: 'error' });
	},
);

test('an earlier stop that was done counts, though a later one was cancelled', async () => {
	const start = await add('runtime.start', 'running');
	await add('project.stop', 'succeeded');
	await add('project.stop', 'cancelled');
	await setState(start, 'cancelled');
	await setProjectStatus(one.db, one.projectId, 'stopped');
	await announce(start);
	expect(await one.project()).toMatchObject({ status: 'stopped' });
});
