import { z } from 'zod';
import { AppError } from '#server/errors.ts';
import type { LogLevel } from '#shared/queue.ts';
import type { EnqueueInput } from './enqueue.ts';
import { findJobType, type Job, type JobType } from './jobs.ts';
import type { Outcome } from './queue.engine.ts';

/** Jobs to enqueue in the very transaction that settles this one as succeeded; project and person carry over. */
type FollowUps = readonly EnqueueInput[];

/**
 * What performs a job. Everything is at least once, so its effects are idempotent. What it throws decides:
 * nothing: done · `RetryLater`: again, attempt not spent · `WaitForCredential`: parked · `AppError`: failed now,
 * its message shown · anything else: backoff, then failed.
 */
export type JobHandler = {
	readonly type: JobType;
	run(payload: unknown, context: JobContext): Promise<FollowUps>;
};

export type JobContext = {
	readonly job: Job;
	/** Aborts with a `JobStopped` on cancel, shutdown and a lost lease. Pass it on to whatever waits. */
	readonly signal: AbortSignal;
	/** Adds a line to the job's log, which people read. */
	log(message: string, level?: LogLevel): Promise<void>;
	/** Waits without occupying a slot (for a model's answer), the lease kept; then goes on at once. */
	withoutSlot<T>(wait: () => Promise<T>): Promise<T>;
};

export type StopCause = 'cancel' | 'shutdown' | 'lost_lease';

/** The reason of an aborted `JobContext.signal`. After a shutdown the job runs again; after a cancel it does not. */
export class JobStopped extends Error {
	override readonly name = 'JobStopped';
	readonly why: StopCause;

	constructor(why: StopCause) {
		super(`The job was stopped (${why}).`);
		this.why = why;
	}
}

/** Throw to be run again after `delayMs` without spending the attempt. `reason` goes into the job's log. */
export class RetryLater extends Error {
	override readonly name = 'RetryLater';
	readonly delayMs: number;

	constructor(delayMs: number, reason: string) {
		super(reason);
		this.delayMs = delayMs;
	}
}

/** Throw to park the job until `resumeWaiting` is called for the connection. `reason` is shown to the person. */
export class WaitForCredential extends Error {
	override readonly name = 'WaitForCredential';
	readonly connectionId: string;

	constructor(connectionId: string, reason: string) {
		super(reason);
		this.connectionId = connectionId;
	}
}

/** Makes a handler whose payload is parsed first; one that does not fit its schema fails the job. */
export function defineHandler<S extends z.ZodType>(definition: {
	type: JobType;
	payload: S;
	run(payload: z.output<S>, context: JobContext): Promise<FollowUps | undefined> | Promise<void>;
}): JobHandler {
	return {
		type: definition.type,
		async run(payload, context) {
			const parsed = definition.payload.safeParse(payload);
			if (!parsed.success) {
				throw new AppError('invalid', `The job's payload is not valid. ${z.prettifyError(parsed.error)}`);
			}
			return (await definition.run(parsed.data, context)) ?? [];
		},
	};
}

/** What a thrown value means for the job. The text of an unknown error stays out: it may hold a secret. */
export function outcomeOf(error: unknown, job: Job): Outcome {
	if (error instanceof RetryLater) {
		return { kind: 'again', delayMs: error.delayMs, spent: false, level: 'info', reason: error.message };
	}
	if (error instanceof WaitForCredential) {
		return { kind: 'parked', connectionId: error.connectionId, reason: error.message };
	}
	if (error instanceof AppError) return { kind: 'failed', error: error.message };
	const sentence = `Something went wrong (${nameOf(error)}). The server log has the details.`;
	if (job.attempts >= job.max_attempts) return { kind: 'failed', error: sentence };
	return { kind: 'again', delayMs: backoff(job), spent: true, level: 'warn', reason: sentence };
}

/** Up to a tenth longer than the table says, so that what failed together does not return together. */
function backoff(job: Job): number {
	const rules = findJobType(job.type)?.backoff ?? { firstMs: 1_000, factor: 2, maxMs: 60_000 };
	const delay = Math.min(rules.firstMs * rules.factor ** (job.attempts - 1), rules.maxMs);
	return Math.round(delay * (1 + Math.random() * 0.1));
}

function nameOf(error: unknown): string {
	const name = error instanceof Error ? error.constructor.name : typeof error;
	return /^\w{1,60}$/.test(name) ? name : 'Error';
}
