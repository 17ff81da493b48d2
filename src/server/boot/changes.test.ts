import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JobState } from '#shared/queue.ts';
import { type OpenDatabase, openDatabase } from '../db/client.ts';
import { createProject, findProject, type Project, setProjectStatus } from '../projects/projects.ts';
import { enqueue } from '../queue/enqueue.ts';
import { getJob, type JobType } from '../queue/jobs.ts';
import { createSignIn } from '../users/signIn.ts';
import { findFirstAdmin } from '../users/users.ts';
import { followSetup } from './changes.ts';

let dir: string;
let database: OpenDatabase;
let projectId: string;

beforeEach(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-boot-'));
	database = await openDatabase(join(dir, 'doce.sqlite'));
	const { db } = database;
	const publicUrl = new URL('http://localhost:4321');
	await createSignIn({ db, secret: 'a secret of sufficient length', publicUrl }).createFirstAdmin('ada', 'long enough');
	const ada = await findFirstAdmin(db);
	if (ada === undefined) throw new Error('ada is missing');
	const model = { providerId: 'mine', modelId: 'm' };
	({ projectId } = await createProject(db, ada, { prompt: 'A page' }, model, 'process'));
});

afterEach(async () => {
	await database.close();
	rmSync(dir, { recursive: true });
});

const project = async () => (await findProject(database.db, projectId)) as Project;

async function add(type: JobType, state: JobState): Promise<string> {
	const { jobId } = await enqueue(database.db, { type, payload: { projectId }, projectId });
	await setState(jobId, state);
	return jobId;
}

async function setState(jobId: string, state: JobState): Promise<void> {
	const lastError = state === 'failed' ? 'It did not work.' : null;
	const values = { state, last_error: lastError, updated_at: Date.now() };
	await database.db.updateTable('jobs').set(values).where('id', '=', jobId).execute();
}

/** What the worker's announcer does with every change of a job. */
const announce = async (jobId: string) =>
	followSetup(database.db, await getJob(database.db, jobId), (await project()).status);

test('a setup that failed or was cancelled is the project’s error', async () => {
	const start = await add('runtime.start', 'failed');
	await announce(start);
	expect(await project()).toMatchObject({ status: 'error', error: 'It did not work.' });
	await setState(start, 'running');
	await announce(start);
	expect(await project()).toMatchObject({ status: 'creating', error: null });
	await setState(start, 'cancelled');
	await announce(start);
	expect((await project()).error).toContain('cancelled');
});

test.each(['queued', 'running', 'succeeded'] as const)('a stop that is %s has the last word', async (state) => {
	const start = await add('runtime.start', 'running');
	await add('project.stop', state);
	await setState(start, 'cancelled');
	await setProjectStatus(database.db, projectId, 'stopped');
	await announce(start);
	expect(await project()).toMatchObject({ status: 'stopped', error: null });
});

test.each(['cancelled', 'failed'] as const)('a stop that was %s has no word', async (state) => {
	const start = await add('runtime.start', 'running');
	await add('project.stop', state);
	await setState(start, 'cancelled');
	await announce(start);
	expect(await project()).toMatchObject({ status: 'error' });
});

test.each(['cancelled', 'failed'] as const)(
	'a stop that is %s after the setup it ended gives the word back',
	async (state) => {
		const start = await add('runtime.start', 'running');
		const stop = await add('project.stop', 'running');
		await setState(start, 'cancelled');
		await announce(start);
		expect(await project()).toMatchObject({ status: 'creating' });
		await setState(stop, state);
		await announce(stop);
		expect(await project()).toMatchObject({ status: 'error' });
	},
);

test('an earlier stop that was done counts, though a later one was cancelled', async () => {
	const start = await add('runtime.start', 'running');
	await add('project.stop', 'succeeded');
	await add('project.stop', 'cancelled');
	await setState(start, 'cancelled');
	await setProjectStatus(database.db, projectId, 'stopped');
	await announce(start);
	expect(await project()).toMatchObject({ status: 'stopped' });
});
