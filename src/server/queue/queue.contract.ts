import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inTransaction } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import { Bench, pause, type QueueUnderTest, type Run, until, untilStopped } from '../../../test/queueBench.ts';
import {
	cancelJob,
	cancelProjectJobs,
	type EnqueueInput,
	enqueue,
	isQueuePaused,
	pauseQueue,
	resumeQueue,
	resumeWaiting,
	retryJob,
} from './enqueue.ts';
import { defineHandler, RetryLater, WaitForCredential } from './handler.ts';
import { countJobs, getJob, type Job } from './jobs.ts';

/** What every engine promises about single jobs: how they end, come again, park, stop and are found again. */
export function queueContract(name: string, open: () => Promise<QueueUnderTest>): void {
	describe(`${name}: a job`, () => {
		let bench: Bench;
		beforeEach(async () => {
			bench = new Bench(await open());
		});
		afterEach(() => bench.close());

		describeEndings(() => bench);
		describeParking(() => bench);
		describeStopping(() => bench);
		describeStoring(() => bench);
	});
}

function describeEndings(bench: () => Bench): void {
	it('succeeds, and its follow-ups come to be with that, for the same project and person', async () => {
		const { db } = bench();
		const first = await bench().add('project.create', 'p', { userId: 'u' });
		const seen: Job[] = [];
		await bench().run(async (_, { job }) => {
			seen.push(job);
			return job.type === 'project.create' ? [{ type: 'runtime.start', payload: { after: job.id } }] : undefined;
		});
		expect(seen.map(({ type, project_id, user_id }) => ({ type, project_id, user_id }))).toEqual([
			{ type: 'project.create', project_id: 'p', user_id: 'u' },
			{ type: 'runtime.start', project_id: 'p', user_id: 'u' },
		]);
		expect(seen[1]?.payload).toEqual({ after: first });
		expect(await getJob(db, first)).toMatchObject({
			state: 'succeeded',
			attempts: 1,
			leased_by: null,
			lease_until: null,
		});
		expect(await bench().log(first)).toEqual(['Attempt 1 of 5 started', 'Done']);
	});

	it('that fails on purpose fails at once, with its own message', async () => {
		const id = await bench().add('runtime.start', 'p');
		await bench().run(async () => Promise.reject(new AppError('unavailable', 'The disk is full. Make room.')));
		expect(await getJob(bench().db, id)).toMatchObject({
			state: 'failed',
			attempts: 1,
			last_error: 'The disk is full. Make room.',
		});
	});

	it('that fails by accident comes again after 1, 2 and 4 s, then fails, and keeps the error text to itself', async () => {
		const id = await bench().add('opencode.setProviderCredentials', 'p');
		const waits: number[] = [];
		const onJobChanged = (job: Job) => {
			if (job.state !== 'queued' || job.attempts === 0) return;
			waits.push((job.run_at - job.updated_at) / 1_000);
			bench().ahead += job.run_at - job.updated_at;
		};
		const work = bench().run(async () => Promise.reject(new RangeError('sk-123 was refused')), { onJobChanged });
		await work;
		const job = await getJob(bench().db, id);
		expect(job).toMatchObject({ state: 'failed', attempts: 4 });
		expect(job.last_error).toBe('Something went wrong (RangeError). The server log has the details.');
		expect(waits.map(Math.floor)).toEqual([1, 2, 4]);
		expect(waits.every((wait) => wait % 1 <= 0.45)).toBe(true);
		expect((await bench().log(id)).join()).not.toContain('sk-123');
	});

	it('that asks for it is run again later, without spending attempts', async () => {
		const id = await bench().add('opencode.waitHealthy', 'p');
		let calls = 0;
		await bench().run(async () => {
			calls += 1;
			if (calls <= 7) throw new RetryLater(5, 'not healthy yet');
			return undefined;
		});
		expect(await getJob(bench().db, id)).toMatchObject({ state: 'succeeded', attempts: 1, max_attempts: 5 });
		expect(await bench().log(id)).toContain('Trying again in 0.0 s: not healthy yet');
	});

	it('whose payload does not fit, or whose type is unknown, fails with a clear message', async () => {
		const payload = z.object({ connectionId: z.string() });
		const handler = defineHandler({ type: 'credentials.changed', payload, run: async () => undefined });
		const misfit = await bench().add('credentials.changed');
		const unknown = await bench().add('project.stop', 'p');
		await bench().run(async () => undefined, { handlers: [handler] });
		expect((await getJob(bench().db, misfit)).last_error).toMatch(/payload is not valid.*connectionId/s);
		expect(await getJob(bench().db, unknown)).toMatchObject({
			state: 'failed',
			last_error: 'This version of doce has no use for project.stop jobs.',
		});
	});

	it('whose follow-ups cannot be stored has failed by accident, and leaves none of them', async () => {
		const id = await bench().add('project.create', 'p');
		const bad: EnqueueInput = { type: 'runtime.start', payload: { big: 1n } };
		let calls = 0;
		await bench().run(async (_, { job }) => {
			calls += job.type === 'project.create' ? 1 : 0;
			return calls === 1 ? [{ type: 'opencode.waitHealthy', payload: {} }, bad] : undefined;
		});
		expect(await getJob(bench().db, id)).toMatchObject({ state: 'succeeded', attempts: 2 });
		expect((await countJobs(bench().db)).succeeded).toBe(1);
	});
}

function describeParking(bench: () => Bench): void {
	it('parks until its connection changes, holding neither slot nor lease nor attempt', async () => {
		const id = await bench().add('chat.sendPrompt', 'p');
		const other = await bench().add('chat.sendPrompt', 'q');
		let isRejected = true;
		const run: Run = async (_, { job }) => {
			if (isRejected && job.project_id === 'p') throw new WaitForCredential('c1', 'Anthropic rejected the key.');
			return undefined;
		};
		await bench().run(run, { slots: 1 });
		expect(await getJob(bench().db, id)).toMatchObject({
			state: 'waiting_for_credential',
			waiting_for_connection_id: 'c1',
			attempts: 0,
			leased_by: null,
			last_error: 'Anthropic rejected the key.',
		});
		expect((await getJob(bench().db, other)).state).toBe('succeeded');
		isRejected = false;
		expect(await resumeWaiting(bench().db, { connectionId: 'another' })).toBe(0);
		expect(await resumeWaiting(bench().db, { connectionId: 'c1' })).toBe(1);
		await bench().run(run);
		expect(await getJob(bench().db, id)).toMatchObject({ state: 'succeeded', attempts: 1, last_error: null });
	});

	it('does not park when its connection changed while it ran', async () => {
		const id = await bench().add('chat.sendPrompt', 'p');
		let calls = 0;
		await bench().run(async () => {
			calls += 1;
			if (calls > 1) return undefined;
			await resumeWaiting(bench().db, { connectionId: 'c1' });
			throw new WaitForCredential('c1', 'rejected');
		});
		expect(await getJob(bench().db, id)).toMatchObject({ state: 'succeeded', attempts: 1 });
	});
}

function describeStopping(bench: () => Bench): void {
	it('that waits is cancelled at once and can be retried; one that has ended cannot be cancelled', async () => {
		const id = await bench().add('runtime.start', 'p', { delayMs: 60_000 });
		expect(await cancelJob(bench().db, id)).toMatchObject({ state: 'cancelled' });
		await expect(cancelJob(bench().db, id)).rejects.toMatchObject({ code: 'conflict' });
		expect(await retryJob(bench().db, id)).toMatchObject({ state: 'queued', attempts: 0, finished_at: null });
		await expect(retryJob(bench().db, id)).rejects.toMatchObject({ code: 'conflict' });
		await bench().run(async () => undefined);
		expect(await bench().log(id)).toEqual(['Cancelled', 'Retry requested', 'Attempt 1 of 5 started', 'Done']);
		await expect(cancelJob(bench().db, 'none')).rejects.toMatchObject({ code: 'not_found' });
	});

	it('that runs learns of its cancel at once and settles when it has ended, whatever it then says', async () => {
		const id = await bench().add('runtime.start', 'p');
		const reasons: unknown[] = [];
		const worker = bench().worker(async (_, { signal }) => {
			await untilStopped(signal).catch((reason) => reasons.push(reason));
			await pause(20);
			return [{ type: 'opencode.waitHealthy', payload: {} }];
		});
		await worker.start();
		await until(async () => (await getJob(bench().db, id)).state === 'running');
		const asked = Date.now();
		expect(await cancelJob(bench().db, id)).toMatchObject({ state: 'running' });
		await until(() => reasons.length > 0);
		expect(Date.now() - asked).toBeLessThan(500);
		await worker.runUntilEmpty();
		expect(reasons).toMatchObject([{ name: 'JobStopped', why: 'cancel' }]);
		expect(await countJobs(bench().db)).toMatchObject({ cancelled: 1, queued: 0, succeeded: 0 });
	});

	it('goes back to the queue at shutdown, its attempt not spent', async () => {
		const id = await bench().add('runtime.start', 'p');
		const worker = bench().worker((_, { signal }) => untilStopped(signal));
		await worker.start();
		await until(async () => (await getJob(bench().db, id)).state === 'running');
		await worker.stop();
		expect(await getJob(bench().db, id)).toMatchObject({ state: 'queued', attempts: 0, leased_by: null });
		await bench().run(async () => undefined);
		expect(await getJob(bench().db, id)).toMatchObject({ state: 'succeeded', attempts: 1 });
	});

	it('does not start while the queue is paused', async () => {
		const id = await bench().add('runtime.start', 'p');
		await pauseQueue(bench().db);
		expect(await isQueuePaused(bench().db)).toBe(true);
		const worker = bench().worker(async () => undefined);
		await worker.start();
		await worker.runUntilEmpty();
		expect((await getJob(bench().db, id)).state).toBe('queued');
		await resumeQueue(bench().db);
		await worker.runUntilEmpty();
		expect((await getJob(bench().db, id)).state).toBe('succeeded');
	});
}

function describeStoring(bench: () => Bench): void {
	it('comes to be with the transaction that enqueues it, or not at all', async () => {
		const seen: unknown[] = [];
		const worker = bench().worker(async ({ n }) => void seen.push(n) as undefined);
		await worker.start();
		const store = (n: number, fails: boolean) =>
			inTransaction(bench().db, async (tx) => {
				await enqueue(tx, { type: 'project.create', payload: { n }, projectId: `p${n}` });
				if (fails) throw new Error('no');
			});
		await expect(store(1, true)).rejects.toThrow('no');
		await store(2, false);
		await worker.runUntilEmpty();
		expect(seen).toEqual([2]);
		expect((await countJobs(bench().db)).succeeded).toBe(1);
	});

	it('is stored once per dedupe key while it is open', async () => {
		const input: EnqueueInput = { type: 'credentials.changed', payload: {}, dedupeKey: 'c1:2' };
		const first = await enqueue(bench().db, input);
		expect(first.created).toBe(true);
		expect(await enqueue(bench().db, input)).toEqual({ jobId: first.jobId, created: false });
		await bench().run(async () => undefined);
		const second = await enqueue(bench().db, input);
		expect(second.created).toBe(true);
		await cancelJob(bench().db, second.jobId);
		await enqueue(bench().db, input);
		await expect(retryJob(bench().db, second.jobId)).rejects.toMatchObject({ code: 'conflict' });
	});

	it('is cancelled with its project, in the lanes that are meant', async () => {
		const setup = await bench().add('runtime.start', 'p');
		const prompt = await bench().add('chat.sendPrompt', 'p');
		await bench().add('chat.sendPrompt', 'q');
		expect(await cancelProjectJobs(bench().db, 'p', ['prompt'])).toBe(1);
		expect((await getJob(bench().db, prompt)).state).toBe('cancelled');
		expect((await getJob(bench().db, setup)).state).toBe('queued');
		expect(await cancelProjectJobs(bench().db, 'p')).toBe(1);
		expect(await countJobs(bench().db)).toMatchObject({ queued: 1, cancelled: 2 });
	});
}
