import { AsyncResource } from 'node:async_hooks';
import type { Db } from '#server/db/client.ts';
import type { Logger } from '#server/logger.ts';
import { type Attempt, failureOf, newAttempt, runHandler, scrubOutcome, stopAttempt } from './attempt.ts';
import { onQueueChange, type QueueChange } from './enqueue.ts';
import type { JobContext, JobHandler } from './handler.ts';
import { addJobEvent, findJobs, type Job, type JobEvent } from './jobs.ts';
import type { JobChange, QueueEngine } from './queue.engine.ts';
import { sqliteEngine } from './queue.store.ts';

/** The slow look around for what other processes did, in ms; everything in this process wakes the worker itself. */
const SWEEP_MS = 1_000;
const LEASE_MS = 15_000;

export type WorkerOptions = {
	db: Db;
	handlers: readonly JobHandler[];
	logger: Logger;
	/** How many handlers work at once, those inside `withoutSlot` not counted; 4 if not given. */
	slots?: number | undefined;
	/** A worker that is silent for so many ms has lost its jobs; 15 s if not given. */
	leaseMs?: number | undefined;
	now?: (() => number) | undefined;
	engine?: QueueEngine | undefined;
	/** Called with every job that this process enqueued, cancelled, retried, resumed or ran, once that is stored. */
	onJobChanged?: ((job: Job) => void) | undefined;
	/** Called with the lines that the worker and the handlers add to a job's log. */
	onJobEvent?: ((jobId: string, event: JobEvent) => void) | undefined;
	/** Takes out of a job's words what must not be stored or shown; they stay as they are without it. */
	scrub?: ((job: Job, text: string) => Promise<string>) | undefined;
};

/** The loop that claims jobs and runs their handlers. */
export type Worker = {
	/** Takes over what dead workers left, then runs jobs as they come. */
	start(): Promise<void>;
	/** Stops what runs (it goes back to the queue, its attempt not spent) and waits until it has ended. */
	stop(): Promise<void>;
	/**
	 * Runs, starting the worker for that long if need be, until no job is running and time alone brings no other:
	 * delayed ones are awaited; parked ones, what waits behind them and a paused queue are not.
	 */
	runUntilEmpty(): Promise<void>;
	/** Puts jobs of dead or silent workers back; `start` and the running worker do so by themselves. */
	recover(): Promise<void>;
};

export function createWorker(options: WorkerOptions): Worker {
	return new QueueWorker(options);
}

class QueueWorker implements Worker {
	readonly #options: WorkerOptions;
	readonly #engine: QueueEngine;
	readonly #handlers: ReadonlyMap<string, JobHandler>;
	readonly #slots: number;
	readonly #leaseMs: number;
	readonly #now: () => number;
	/** Wake-ups come from inside other people's transactions; the work must not take itself to be part of them. */
	readonly #scope = new AsyncResource('QueueWorker');
	readonly #attempts = new Map<Attempt, Promise<void>>();
	/** What the next turn has to do besides claiming. */
	readonly #due = { turn: false, sweep: false, heartbeat: false, publish: new Set<string>() };
	#turn: Promise<void> | undefined;
	#isRunning = false;
	#lastHeartbeat = 0;
	#sweepTimer: NodeJS.Timeout | undefined;
	#alarm: NodeJS.Timeout | undefined;
	#unsubscribe: (() => void) | undefined;
	readonly #onActivity: (() => void)[] = [];

	constructor(options: WorkerOptions) {
		this.#options = options;
		this.#slots = options.slots ?? 4;
		this.#leaseMs = options.leaseMs ?? LEASE_MS;
		this.#now = options.now ?? Date.now;
		this.#engine = options.engine ?? sqliteEngine(options.db, { leaseMs: this.#leaseMs, now: this.#now });
		this.#handlers = new Map(options.handlers.map((handler) => [handler.type, handler]));
	}

	async start(): Promise<void> {
		if (this.#isRunning) return;
		this.#isRunning = true;
		this.#unsubscribe = onQueueChange((change) => this.#notice(change));
		this.#sweepTimer = setInterval(
			() => {
				this.#due.sweep = true;
				this.#wake();
			},
			Math.min(SWEEP_MS, this.#leaseMs / 3),
		);
		await this.recover();
		this.#wake();
	}

	async stop(): Promise<void> {
		this.#isRunning = false;
		this.#unsubscribe?.();
		clearInterval(this.#sweepTimer);
		clearTimeout(this.#alarm);
		for (const attempt of this.#attempts.keys()) stopAttempt(attempt, 'shutdown');
		await this.#turn;
		await Promise.all(this.#attempts.values());
		await this.#turn;
	}

	async runUntilEmpty(): Promise<void> {
		const isMine = !this.#isRunning;
		if (isMine) await this.start();
		for (;;) {
			// Asked for first, so that nothing can happen unseen between the look and the wait.
			const activity = new Promise<void>((resolve) => this.#onActivity.push(resolve));
			if (await this.#isEmpty()) break;
			await activity;
		}
		if (isMine) await this.stop();
	}

	async recover(): Promise<void> {
		for (const change of await this.#engine.recover()) this.#publish(change);
	}

	async #isEmpty(): Promise<boolean> {
		const { running, nextDueAt } = await this.#engine.lookAhead();
		return running === 0 && nextDueAt === undefined && this.#attempts.size === 0;
	}

	#notice(change: QueueChange): void {
		for (const id of change.jobIds) this.#due.publish.add(id);
		// Which of our jobs were cancelled stands in their rows, and comes with the answer to a heartbeat.
		if (change.kind === 'cancel') this.#due.heartbeat = true;
		this.#wake();
	}

	#wake(): void {
		this.#due.turn = true;
		this.#turn ??= this.#scope.runInAsyncScope(() => this.#guard(this.#takeTurns()));
	}

	/** One at a time; whoever wakes the worker meanwhile gets another. */
	async #takeTurns(): Promise<void> {
		try {
			while (this.#due.turn) {
				this.#due.turn = false;
				if (this.#isRunning) {
					await this.#keepLeases();
					await this.#claim();
				}
				await this.#publishAnnounced();
			}
		} finally {
			this.#turn = undefined;
			for (const resolve of this.#onActivity.splice(0)) resolve();
		}
	}

	async #keepLeases(): Promise<void> {
		const { sweep, heartbeat } = this.#due;
		this.#due.sweep = false;
		this.#due.heartbeat = false;
		if (heartbeat || (sweep && this.#now() - this.#lastHeartbeat >= this.#leaseMs / 3)) await this.#heartbeat();
		// After the heartbeat: when this process had stalled, our own leases would be among the expired.
		if (sweep) await this.recover();
	}

	async #heartbeat(): Promise<void> {
		this.#lastHeartbeat = this.#now();
		const attempts = [...this.#attempts.keys()];
		if (attempts.length === 0) return;
		const held = await this.#engine.heartbeat(attempts.map((attempt) => attempt.job));
		for (const attempt of attempts) {
			const lease = held.find(({ jobId, leasedBy }) => jobId === attempt.job.id && leasedBy === attempt.job.leased_by);
			if (lease === undefined) stopAttempt(attempt, 'lost_lease');
			else if (lease.cancelRequested) stopAttempt(attempt, 'cancel');
		}
	}

	async #claim(): Promise<void> {
		const free = this.#slots - [...this.#attempts.keys()].filter((attempt) => attempt.waits === 0).length;
		if (free <= 0) return;
		const claimed = await this.#engine.claim(free);
		for (const change of claimed) this.#begin(change);
		if (claimed.length < free) await this.#setAlarm();
	}

	async #setAlarm(): Promise<void> {
		const { nextDueAt } = await this.#engine.lookAhead();
		clearTimeout(this.#alarm);
		if (nextDueAt === undefined || !this.#isRunning) return;
		this.#alarm = setTimeout(() => this.#wake(), Math.min(Math.max(nextDueAt - this.#now(), 0), SWEEP_MS));
	}

	#begin(change: JobChange): void {
		const attempt = newAttempt(change.job);
		if (!this.#isRunning) stopAttempt(attempt, 'shutdown');
		this.#due.publish.delete(change.job.id);
		this.#publish(change);
		this.#attempts.set(attempt, this.#guard(this.#perform(attempt)));
	}

	async #perform(attempt: Attempt): Promise<void> {
		const { job } = attempt;
		const { logger } = this.#options;
		try {
			const ended = await runHandler(attempt, this.#handlers.get(job.type), this.#contextOf(attempt), logger);
			const outcome = await scrubOutcome(ended, (text) => this.#scrub(job, text));
			// What a handler returned may be at fault (its follow-ups are stored here): then the attempt failed.
			const change = await this.#engine
				.settle(job, outcome)
				.catch((error) => this.#engine.settle(job, failureOf(error, job, logger)));
			if (change !== undefined) this.#publish(change);
		} finally {
			this.#attempts.delete(attempt);
			this.#wake();
		}
	}

	#contextOf(attempt: Attempt): JobContext {
		const { job, stopper } = attempt;
		return {
			job,
			signal: stopper.signal,
			log: async (message, level = 'info') => {
				const event = await addJobEvent(this.#options.db, job.id, level, await this.#scrub(job, message));
				this.#options.onJobEvent?.(job.id, event);
			},
			withoutSlot: async (wait) => {
				attempt.waits += 1;
				this.#wake();
				try {
					return await wait();
				} finally {
					attempt.waits -= 1;
				}
			},
		};
	}

	async #scrub(job: Job, text: string): Promise<string> {
		return (await this.#options.scrub?.(job, text)) ?? text;
	}

	#publish({ job, event }: JobChange): void {
		this.#options.onJobChanged?.(job);
		this.#options.onJobEvent?.(job.id, event);
	}

	/** Tells of what was enqueued, cancelled, retried or resumed in this process, from the rows as they are now. */
	async #publishAnnounced(): Promise<void> {
		const ids = [...this.#due.publish];
		this.#due.publish.clear();
		if (this.#options.onJobChanged === undefined || ids.length === 0) return;
		for (const job of await findJobs(this.#options.db, ids)) this.#options.onJobChanged(job);
	}

	/** For work nobody awaits: what goes wrong is logged, and the next sweep tries again. */
	async #guard(work: Promise<void>): Promise<void> {
		try {
			await work;
		} catch (error) {
			this.#options.logger.error({ err: error }, 'The queue worker stumbled');
		}
	}
}
