import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OneProject, openOneProject } from '#server/boot/testing/oneProject.ts';
import { createLive } from '#server/live/live.ts';
import { enqueue } from '../enqueue.ts';
import { type JobContext, RetryLater } from '../handler.ts';
import { getJob } from '../jobs.ts';
import { budgetRecheck } from './budgetRecheck.ts';
import type { HandlerServices } from './services.ts';

let one: OneProject;

beforeEach(async () => {
	one = await openOneProject();
});

afterEach(() => one.close());

async function run(until: number): Promise<string[]> {
	const lines: string[] = [];
	const catalog = { find: async () => undefined };
	const services = { db: one.db, live: createLive(), catalog } as unknown as HandlerServices;
	const context = { job: {}, log: async (line: string) => void lines.push(line) } as unknown as JobContext;
	await budgetRecheck(services).run({ subject: 'project', subjectId: one.projectId, until }, context);
	return lines;
}

test('when a budget begins anew, what waits for it goes back to the queue', async () => {
	const { jobId } = await enqueue(one.db, { type: 'chat.sendPrompt', payload: {}, projectId: one.projectId });
	await one.db
		.updateTable('jobs')
		.set({ state: 'waiting_for_credential', waiting_for_connection_id: `budget:project:${one.projectId}` })
		.where('id', '=', jobId)
		.execute();
	await expect(run(Date.now() + 60_000)).rejects.toBeInstanceOf(RetryLater);
	expect((await getJob(one.db, jobId)).state).toBe('waiting_for_credential');
	expect(await run(Date.now())).toEqual(['What waited for it goes on']);
	expect((await getJob(one.db, jobId)).state).toBe('queued');
	expect(await run(Date.now())).toEqual(['Nothing waited for it']);
});
