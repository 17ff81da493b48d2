import { z } from 'zod';
import type { Db } from '#server/db/client.ts';
import { createLogger } from '#server/logger.ts';
import { type EnqueueInput, enqueue } from '#server/queue/enqueue.ts';
import { defineHandler, type JobContext, type JobHandler } from '#server/queue/handler.ts';
import { JOB_TYPES, type JobType, listJobEvents } from '#server/queue/jobs.ts';
import type { QueueEngine } from '#server/queue/queue.engine.ts';
import { createWorker, type Worker, type WorkerOptions } from '#server/queue/queue.worker.ts';

/** A queue under test: a database of its own, and the engine that serves it. */
export type QueueUnderTest = {
	db: Db;
	engine(options: { leaseMs: number; now: () => number }): QueueEngine;
	close(): Promise<void>;
};

export type Run = (payload: Record<string, unknown>, context: JobContext) => Promise<EnqueueInput[] | undefined>;

/** What each contract test works with; everything it starts is stopped after it. */
export class Bench {
	readonly db: Db;
	readonly #queue: QueueUnderTest;
	readonly #workers: Worker[] = [];
	/** How far the workers' clock is ahead, in ms. */
	ahead = 0;

	constructor(queue: QueueUnderTest) {
		this.#queue = queue;
		this.db = queue.db;
	}

	/** A worker whose handlers all do `run`, one for each type. */
	worker(run: Run, options: Partial<WorkerOptions> = {}): Worker {
		const now = () => Date.now() + this.ahead;
		const engine = this.#queue.engine({ leaseMs: options.leaseMs ?? 15_000, now });
		const logger = createLogger('silent');
		const worker = createWorker({ db: this.db, handlers: handlersFor(run), logger, now, engine, ...options });
		this.#workers.push(worker);
		return worker;
	}

	async run(run: Run, options?: Partial<WorkerOptions>): Promise<void> {
		await this.worker(run, options).runUntilEmpty();
	}

	async add(type: JobType, projectId?: string, more: Partial<EnqueueInput> = {}): Promise<string> {
		const { jobId } = await enqueue(this.db, { type, payload: {}, projectId, ...more });
		return jobId;
	}

	async log(jobId: string): Promise<string[]> {
		return (await listJobEvents(this.db, jobId)).map((event) => event.message);
	}

	async close(): Promise<void> {
		await Promise.all(this.#workers.map((worker) => worker.stop()));
		await this.#queue.close();
	}
}

export function handlersFor(run: Run): JobHandler[] {
	const payload = z.record(z.string(), z.unknown());
	return (Object.keys(JOB_TYPES) as JobType[]).map((type) => defineHandler({ type, payload, run }));
}

/** Waits until `check` holds; a test that waits in vain ends with its own timeout. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await check())) await pause(2);
}

export function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ends when the signal does, with its reason. */
export function untilStopped(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}
