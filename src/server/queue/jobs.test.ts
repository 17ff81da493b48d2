import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type OpenDatabase, openDatabase } from '#server/db/client.ts';
import { SETUP_STEPS } from '#shared/queue.ts';
import { cancelJob, enqueue } from './enqueue.ts';
import { addJobEvent, countJobs, findJobs, findLatestJobs, getJob, listJobEvents, listJobs } from './jobs.ts';

let dir: string;
let database: OpenDatabase;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), 'doce-jobs-'));
	database = await openDatabase(join(dir, 'doce.sqlite'));
});
afterEach(async () => {
	await database.close();
	await rm(dir, { recursive: true });
});

async function add(type: 'runtime.start' | 'project.create', projectId: string, userId: string): Promise<string> {
	return (await enqueue(database.db, { type, payload: { projectId }, projectId, userId })).jobId;
}

it('reads jobs one by one, page by page and by what they are', async () => {
	const { db } = database;
	const ids = [
		await add('project.create', 'p', 'u'),
		await add('runtime.start', 'p', 'u'),
		await add('runtime.start', 'q', 'v'),
	];
	await cancelJob(db, ids[1] as string);
	expect((await getJob(db, ids[0] as string)).payload).toEqual({ projectId: 'p' });
	await expect(getJob(db, 'none')).rejects.toMatchObject({ code: 'not_found' });
	const list = async (filter: object) =>
		(await listJobs(db, { limit: 2, ...filter })).map((job) => ids.indexOf(job.id));
	expect(await list({})).toEqual([2, 1]);
	expect(await list({ before: ids[1] })).toEqual([0]);
	expect(await list({ userId: 'u', state: 'queued' })).toEqual([0]);
	expect(await list({ projectId: 'p', type: 'runtime.start' })).toEqual([1]);
	expect((await findJobs(db, [...ids, 'none'])).map((job) => job.id)).toEqual(ids);
	expect(await countJobs(db, { userId: 'u' })).toMatchObject({ queued: 1, cancelled: 1, succeeded: 0 });
});

it('finds the newest job of each type that a project had', async () => {
	const first = await add('project.create', 'p', 'u');
	await add('runtime.start', 'p', 'u');
	const second = await add('runtime.start', 'p', 'u');
	await add('runtime.start', 'q', 'u');
	const latest = await findLatestJobs(database.db, 'p', SETUP_STEPS);
	expect([...latest].map(([type, job]) => [type, job.id]).sort()).toEqual([
		['project.create', first],
		['runtime.start', second],
	]);
});

it('keeps a log for each job', async () => {
	const id = await add('runtime.start', 'p', 'u');
	const event = await addJobEvent(database.db, id, 'warn', 'Slow disk');
	await addJobEvent(database.db, id, 'info', 'Going on');
	expect((await listJobEvents(database.db, id)).map((line) => line.message)).toEqual(['Slow disk', 'Going on']);
	expect(event).toMatchObject({ job_id: id, level: 'warn' });
});
