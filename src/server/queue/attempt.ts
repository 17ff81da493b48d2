import { AppError } from '#server/errors.ts';
import type { Logger } from '#server/logger.ts';
import {
	type JobContext,
	type JobHandler,
	JobStopped,
	outcomeOf,
	RetryLater,
	type StopCause,
	WaitForCredential,
} from './handler.ts';
import type { Job } from './jobs.ts';
import type { Outcome } from './queue.engine.ts';

/** One try at a job, in this process. */
export type Attempt = {
	readonly job: Job;
	readonly stopper: AbortController;
	/** How many `withoutSlot` it is in; it occupies a slot while there is none. */
	waits: number;
};

export function newAttempt(job: Job): Attempt {
	return { job, stopper: new AbortController(), waits: 0 };
}

/** Asks the handler to end; the first reason stays. */
export function stopAttempt({ stopper }: Attempt, why: StopCause): void {
	if (!stopper.signal.aborted) stopper.abort(new JobStopped(why));
}

/** Runs the handler and says how that ended. An error that nobody threw on purpose is logged, once, in full. */
export async function runHandler(
	{ job, stopper: { signal } }: Attempt,
	handler: JobHandler | undefined,
	context: JobContext,
	logger: Logger,
): Promise<Outcome> {
	if (handler === undefined) return { kind: 'failed', error: `This version of doce has no use for ${job.type} jobs.` };
	try {
		signal.throwIfAborted();
		return { kind: 'succeeded', followUps: await handler.run(job.payload, context) };
	} catch (error) {
		// Whatever a stopped handler throws: a cancel outranks this outcome, and a lost lease makes it void.
		if (signal.aborted) return SHUT_DOWN;
		return failureOf(error, job, logger);
	}
}

/** How an attempt ends that threw `error`. */
export function failureOf(error: unknown, job: Job, logger: Logger): Outcome {
	const isDeliberate = error instanceof AppError || error instanceof RetryLater || error instanceof WaitForCredential;
	if (!isDeliberate) logger.error({ err: error, jobId: job.id, jobType: job.type }, 'A job failed unexpectedly');
	return outcomeOf(error, job);
}

/** An outcome whose words, which people read, have gone through `scrub`. */
export async function scrubOutcome(outcome: Outcome, scrub: (text: string) => Promise<string>): Promise<Outcome> {
	if (outcome.kind === 'failed') return { ...outcome, error: await scrub(outcome.error) };
	return outcome.kind === 'succeeded' ? outcome : { ...outcome, reason: await scrub(outcome.reason) };
}

const SHUT_DOWN: Outcome = {
	kind: 'again',
	delayMs: 0,
	spent: false,
	level: 'info',
	reason: 'the server is shutting down',
};
