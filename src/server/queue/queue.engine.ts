import type { Db } from '#server/db/client.ts';
import type { RowUpdate } from '#server/db/schema.ts';
import type { LogLevel } from '#shared/queue.ts';
import { type EnqueueInput, enqueue, wasResumedSince } from './enqueue.ts';
import { addJobEvents, type Job, type JobEvent, toJob } from './jobs.ts';

/** How an attempt ended. A requested cancel outranks it. */
export type Outcome =
	| { kind: 'succeeded'; followUps: readonly EnqueueInput[] }
	| { kind: 'again'; delayMs: number; spent: boolean; level: LogLevel; reason: string }
	| { kind: 'parked'; connectionId: string; reason: string }
	| { kind: 'failed'; error: string };

/** A job as it is now, and the line that its log got. */
export type JobChange = { job: Job; event: JobEvent };

/**
 * Decides who runs which job when. The `jobs` row stays the truth about state, attempts and log under every engine,
 * and a queued row is all an engine is told: one with a store of its own takes in new rows when it claims.
 * A claimed job carries its lease in `leased_by`; whoever lost that lease can change nothing any more.
 */
export type QueueEngine = {
	/** Starts up to `limit` jobs that may run now, first in line first, none while the queue is paused. */
	claim(limit: number): Promise<JobChange[]>;
	/** Extends the leases; answers for those that are still held, and whether a cancel was requested. */
	heartbeat(jobs: readonly Job[]): Promise<{ leasedBy: string; jobId: string; cancelRequested: boolean }[]>;
	/** Ends an attempt and gives its lease back, follow-ups in the same transaction; undefined if the lease was lost. */
	settle(job: Job, outcome: Outcome): Promise<JobChange | undefined>;
	/** Takes jobs back from workers that died or fell silent. */
	recover(): Promise<JobChange[]>;
	/**
	 * How many jobs run, in any process, and when (ms) the next may start that nothing but time holds back,
	 * both seen at one moment, so that no job slips through between the two.
	 */
	lookAhead(): Promise<{ running: number; nextDueAt: number | undefined }>;
};

/** The row's part of `QueueEngine.settle`, for every engine: run it in a transaction. */
export async function settleRow(tx: Db, job: Job, outcome: Outcome, now: number): Promise<JobChange | undefined> {
	const row = await tx
		.selectFrom('jobs')
		.select(['attempts', 'cancel_requested_at'])
		.where('id', '=', job.id)
		.where('state', '=', 'running')
		.where('leased_by', '=', job.leased_by)
		.executeTakeFirst();
	if (row === undefined) return undefined;
	const cancelled = row.cancel_requested_at !== null;
	const ending = cancelled ? CANCELLED : await endingOf(tx, job, outcome, now);
	const change = await applyEnding(tx, job.id, ending, now);
	if (outcome.kind === 'succeeded' && !cancelled) {
		for (const input of outcome.followUps) {
			const { projectId = job.project_id, userId = job.user_id } = input;
			await enqueue(tx, { ...input, projectId, userId });
		}
	}
	return change;
}

/** What an ended attempt leaves in the row and in the log. */
export type Ending = { set: RowUpdate<'jobs'>; unspent?: boolean; level: LogLevel; message: string };

export const CANCELLED: Ending = { set: { state: 'cancelled' }, level: 'warn', message: 'Cancelled' };

/** Writes an ending, gives the lease back and adds the log line. */
export async function applyEnding(tx: Db, jobId: string, ending: Ending, now: number): Promise<JobChange> {
	const isFinal = ending.set.state !== 'queued' && ending.set.state !== 'waiting_for_credential';
	const row = await tx
		.updateTable('jobs')
		.set((eb) => ({
			...ending.set,
			attempts: ending.unspent ? eb('attempts', '-', 1) : eb.ref('attempts'),
			leased_by: null,
			lease_until: null,
			finished_at: isFinal ? now : null,
			updated_at: now,
		}))
		.where('id', '=', jobId)
		.returningAll()
		.executeTakeFirstOrThrow();
	const [event] = await addJobEvents(tx, [{ jobId, level: ending.level, message: ending.message }], now);
	return { job: toJob(row), event: event as JobEvent };
}

async function endingOf(tx: Db, job: Job, outcome: Outcome, now: number): Promise<Ending> {
	switch (outcome.kind) {
		case 'succeeded':
			return { set: { state: 'succeeded', last_error: null }, level: 'info', message: 'Done' };
		case 'failed':
			return {
				set: { state: 'failed', last_error: outcome.error },
				level: 'error',
				message: `Failed: ${outcome.error}`,
			};
		case 'again':
			return again(outcome, now);
		case 'parked':
			return park(tx, job, outcome, now);
	}
}

function again({ delayMs, spent, level, reason }: Outcome & { kind: 'again' }, now: number): Ending {
	const when = delayMs > 0 ? `Trying again in ${(delayMs / 1_000).toFixed(1)} s` : 'Back in the queue';
	return {
		set: { state: 'queued', run_at: now + delayMs, ...(spent ? { last_error: reason } : {}) },
		unspent: !spent,
		level,
		message: `${when}: ${reason}`,
	};
}

/** Parks, unless the connection changed while the attempt ran: nobody would wake the job again. */
async function park(
	tx: Db,
	job: Job,
	{ connectionId, reason }: Outcome & { kind: 'parked' },
	now: number,
): Promise<Ending> {
	if (await wasResumedSince(tx, job, connectionId, job.updated_at)) {
		return again(
			{ kind: 'again', delayMs: 0, spent: false, level: 'info', reason: 'what it waits for changed meanwhile' },
			now,
		);
	}
	return {
		set: { state: 'waiting_for_credential', waiting_for_connection_id: connectionId, last_error: reason },
		unspent: true,
		level: 'warn',
		message: `Waiting for the connection: ${reason}`,
	};
}
