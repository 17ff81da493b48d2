import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RowUpdate } from '#server/db/schema.ts';
import { SETUP_STEPS } from '#shared/queue.ts';
import { Bench, pause, type QueueUnderTest, type Run, until, untilStopped } from '../../../test/queueBench.ts';
import { cancelJob, retryJob } from './enqueue.ts';
import { RetryLater, WaitForCredential } from './handler.ts';
import { countJobs, getJob, type Job } from './jobs.ts';
import { workerId } from './workerId.ts';

/** What every engine promises about several jobs, and about workers that die or fall silent. */
export function queueOrderContract(name: string, open: () => Promise<QueueUnderTest>): void {
	describe(`${name}: the order of jobs`, () => {
		let bench: Bench;
		beforeEach(async () => {
			bench = new Bench(await open());
		});
		afterEach(() => bench.close());

		describeLanes(() => bench);
		describeLife(() => bench);
		describeSlots(() => bench);
		describeRecovery(() => bench);
	});
}

/** Notes the jobs as they start. */
function noting(started: string[], run: Run = async () => undefined): Run {
	return (payload, context) => {
		started.push(context.job.id);
		return run(payload, context);
	};
}

function describeLanes(bench: () => Bench): void {
	it('is that of enqueueing in one lane of one project, also across delay and backoff', async () => {
		const ids = [await bench().add('chat.sendPrompt', 'p', { delayMs: 40 })];
		for (let at = 0; at < 3; at += 1) ids.push(await bench().add('chat.sendPrompt', 'p', { priority: at }));
		const started: string[] = [];
		let running = 0;
		await bench().run(
			noting(started, async (_, { job }) => {
				running += 1;
				expect(running).toBe(1);
				await pause(5);
				running -= 1;
				if (job.id === ids[1] && started.length < 4) throw new RetryLater(10, 'soon');
				return undefined;
			}),
		);
		expect(started).toEqual([ids[0], ids[1], ids[1], ids[1], ids[2], ids[3]]);
	});

	it('holds prompts back while setup is queued or running, and lets them pass a parked setup', async () => {
		const setup = await bench().add('opencode.setProviderCredentials', 'p', { delayMs: 30 });
		const behind = await bench().add('runtime.start', 'q', { delayMs: 30 });
		const prompt = await bench().add('chat.sendPrompt', 'p');
		const other = await bench().add('chat.sendPrompt', 'r');
		const started: string[] = [];
		await bench().run(
			noting(started, async (_, { job }) => {
				if (job.id === setup) throw new WaitForCredential('c', 'no key');
				return undefined;
			}),
		);
		expect(started).toEqual([other, setup, behind, prompt]);
		expect(await countJobs(bench().db)).toMatchObject({ waiting_for_credential: 1, succeeded: 3 });
	});

	it('lets a parked job hold back its own lane alone', async () => {
		const parked = await bench().add('chat.sendPrompt', 'p');
		const behind = await bench().add('chat.sendPrompt', 'p');
		const credential = await bench().add('credentials.deliver', 'p');
		await bench().run(async (_, { job }) => {
			if (job.id === parked) throw new WaitForCredential('c', 'no key');
			return undefined;
		});
		expect((await getJob(bench().db, behind)).state).toBe('queued');
		expect((await getJob(bench().db, credential)).state).toBe('succeeded');
	});

	it('puts higher priority first between projects, and none on jobs without a project', async () => {
		const low = await bench().add('runtime.start', 'p');
		const high = await bench().add('runtime.start', 'q', { priority: 5 });
		const free = [await bench().add('credentials.changed'), await bench().add('credentials.changed')];
		const started: string[] = [];
		await bench().run(noting(started), { slots: 1 });
		expect(started).toEqual([high, low, ...free]);
	});

	it('leaves jobs without a project side by side', async () => {
		await bench().add('credentials.changed');
		await bench().add('credentials.changed');
		let started = 0;
		await bench().run(async () => {
			started += 1;
			await until(() => started === 2);
			return undefined;
		});
		expect(await countJobs(bench().db)).toMatchObject({ succeeded: 2 });
	});
}

function describeLife(bench: () => Bench): void {
	it('lets a life job cancel the other lanes and start when what runs has ended', async () => {
		const running = await bench().add('runtime.start', 'p');
		const worker = bench().worker(async (_, { job, signal }) => {
			if (job.id === running) await untilStopped(signal).catch(() => pause(30));
			return undefined;
		});
		await worker.start();
		await until(async () => (await getJob(bench().db, running)).state === 'running');
		const queued = [await bench().add('runtime.start', 'p'), await bench().add('chat.sendPrompt', 'p')];
		const stranger = await bench().add('runtime.start', 'q', { delayMs: 50 });
		const stop = await bench().add('project.stop', 'p');
		const remove = await bench().add('project.delete', 'p');
		const later = await bench().add('runtime.start', 'p');
		await worker.runUntilEmpty();
		const states = await Promise.all([running, ...queued].map((id) => getJob(bench().db, id)));
		expect(states.map((job) => job.state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
		const [setup, first, second, third] = await Promise.all([running, stop, remove, later].map(readTimes(bench())));
		expect(first?.started).toBeGreaterThanOrEqual(setup?.finished ?? Number.NaN);
		expect(second?.started).toBeGreaterThanOrEqual(first?.finished ?? Number.NaN);
		expect(third?.started).toBeGreaterThanOrEqual(second?.finished ?? Number.NaN);
		expect((await getJob(bench().db, stranger)).state).toBe('succeeded');
	});

	it('clears the way again when a failed life job is retried', async () => {
		const stop = await bench().add('project.stop', 'p', { delayMs: 60_000 });
		await cancelJob(bench().db, stop);
		const prompt = await bench().add('chat.sendPrompt', 'p');
		await retryJob(bench().db, stop);
		expect((await getJob(bench().db, prompt)).state).toBe('cancelled');
	});
}

function readTimes(bench: Bench): (id: string) => Promise<{ started: number; finished: number }> {
	return async (id) => {
		const job = await getJob(bench.db, id);
		return { started: job.started_at ?? Number.NaN, finished: job.finished_at ?? Number.NaN };
	};
}

function describeSlots(bench: () => Bench): void {
	it('keeps to its slots with thirty projects at once, every chain in order, none twice', async () => {
		const projects = Array.from({ length: 30 }, (_, at) => `p${at}`);
		await Promise.all(projects.map((projectId) => bench().add('project.create', projectId)));
		const done = new Map(projects.map((projectId) => [projectId, [] as string[]]));
		let running = 0;
		let most = 0;
		await bench().run(async (_, { job }) => {
			running += 1;
			most = Math.max(most, running);
			await pause(1);
			running -= 1;
			done.get(job.project_id ?? '')?.push(job.type);
			const next = SETUP_STEPS[SETUP_STEPS.indexOf(job.type as 'project.create') + 1];
			return next === undefined ? undefined : [{ type: next, payload: {} }];
		});
		for (const steps of done.values()) expect(steps).toEqual(SETUP_STEPS);
		expect(most).toBe(4);
	});

	it('gives the slot of a job that waits for an answer to another project, and lets it go on at once', async () => {
		const waiting = await bench().add('chat.sendPrompt', 'p');
		const other = await bench().add('runtime.start', 'q');
		const order: string[] = [];
		let answer = (): void => undefined;
		await bench().run(
			async (_, { job, withoutSlot }) => {
				if (job.id === other) {
					order.push('the other began');
					answer();
					await pause(30);
					order.push('the other ended');
				} else {
					await withoutSlot(() => new Promise<void>((resolve) => (answer = resolve)));
					order.push('the first went on');
				}
				return undefined;
			},
			{ slots: 1 },
		);
		expect(order).toEqual(['the other began', 'the first went on', 'the other ended']);
		expect((await getJob(bench().db, waiting)).state).toBe('succeeded');
	});

	it('starts what is enqueued at once, and tells of every change and every word in the log', async () => {
		const changes: string[] = [];
		const lines: string[] = [];
		const worker = bench().worker(async (_, { log }) => void (await log('Working on it', 'warn')) as undefined, {
			onJobChanged: (job: Job) => changes.push(job.state),
			onJobEvent: (_, event) => lines.push(event.message),
		});
		await worker.start();
		await worker.runUntilEmpty();
		const from = Date.now();
		await bench().add('runtime.start', 'p');
		await worker.runUntilEmpty();
		// The sweep alone would take up to a second.
		expect(Date.now() - from).toBeLessThan(500);
		expect(changes).toEqual(['running', 'succeeded']);
		expect(lines).toEqual(['Attempt 1 of 5 started', 'Working on it', 'Done']);
		const delayed = await bench().add('runtime.start', 'p', { delayMs: 60_000 });
		await until(() => changes.at(-1) === 'queued');
		await cancelJob(bench().db, delayed);
		await until(() => changes.at(-1) === 'cancelled');
	});
}

function describeRecovery(bench: () => Bench): void {
	it('keeps a living job’s lease, and finds out from its row that another process cancelled it', async () => {
		const id = await bench().add('runtime.start', 'p');
		const reasons: unknown[] = [];
		const run: Run = async (_, { signal }) =>
			untilStopped(signal).catch((reason) => void reasons.push(reason) as undefined);
		const [one, two] = [bench().worker(run, { leaseMs: 240 }), bench().worker(run, { leaseMs: 240 })];
		await one.start();
		await until(async () => (await getJob(bench().db, id)).state === 'running');
		await two.start();
		await pause(600);
		expect(await bench().log(id)).toEqual(['Attempt 1 of 5 started']);
		await bench().db.updateTable('jobs').set({ cancel_requested_at: 1 }).where('id', '=', id).execute();
		await two.runUntilEmpty();
		expect(reasons).toMatchObject([{ why: 'cancel' }]);
		expect((await getJob(bench().db, id)).state).toBe('cancelled');
	});

	it('takes a job over when its lease ran out, tells the old handler, and voids what it says', async () => {
		const id = await bench().add('runtime.start', 'p');
		const reasons: unknown[] = [];
		const silent = bench().worker(async (_, { signal }) => {
			await untilStopped(signal).catch((reason) => reasons.push(reason));
			return [{ type: 'opencode.waitHealthy', payload: {} }];
		});
		await silent.start();
		await until(async () => (await getJob(bench().db, id)).state === 'running');
		await pretend(bench(), id, { lease_until: 1 });
		const heir = bench().worker(async () => undefined);
		await heir.runUntilEmpty();
		expect(await getJob(bench().db, id)).toMatchObject({ state: 'succeeded', attempts: 1 });
		bench().ahead = 20_000;
		await until(() => reasons.length > 0);
		await silent.stop();
		expect(reasons).toMatchObject([{ why: 'lost_lease' }]);
		expect(await countJobs(bench().db)).toMatchObject({ queued: 0, succeeded: 1 });
	});

	it('takes the jobs of a dead worker over at once; ten deaths over one job fail it, a retry forgives', async () => {
		const id = await bench().add('runtime.start', 'p');
		const died = async () => {
			await pretend(bench(), id, { state: 'running', attempts: 1, leased_by: deadWorker(), lease_until: 9e12 });
			await bench()
				.worker(async () => undefined)
				.recover();
			return getJob(bench().db, id);
		};
		await pretend(bench(), id, { started_at: 1 });
		for (let deaths = 1; deaths < 10; deaths += 1) expect(await died()).toMatchObject({ state: 'queued', attempts: 0 });
		expect(await died()).toMatchObject({ state: 'failed', last_error: expect.stringContaining('10 times') });
		await pause(2);
		await retryJob(bench().db, id);
		await pretend(bench(), id, { started_at: Date.now() });
		expect(await died()).toMatchObject({ state: 'queued' });
		await pretend(bench(), id, { cancel_requested_at: 1 });
		expect(await died()).toMatchObject({ state: 'cancelled' });
	});
}

async function pretend(bench: Bench, id: string, row: RowUpdate<'jobs'>): Promise<void> {
	await bench.db.updateTable('jobs').set(row).where('id', '=', id).execute();
}

/** The lease of this very process, had it been born at another time: the pid has come back as somebody else. */
function deadWorker(): string {
	const [host, place, pid] = workerId().split('/');
	return [host, place, pid, '1', 'lease'].join('/');
}
