import { type RawBuilder, sql } from 'kysely';
import { type Db, inTransaction } from '#server/db/client.ts';
import { newId } from '#server/db/id.ts';
import { addJobEvents, type Job, type JobEvent, toJob } from './jobs.ts';
import { applyEnding, CANCELLED, type Ending, type JobChange, type QueueEngine, settleRow } from './queue.engine.ts';
import { isWorkerGone, workerId } from './workerId.ts';

/** How many workers may die over one job before it is held to be the reason. */
const MAX_CRASHES = 10;
const CRASHED = 'The server ended while this job ran';

/**
 * The engine on our own rows: a claim is one short write transaction. `leaseMs` is how long a silent worker keeps
 * its jobs; `now` in milliseconds.
 *
 * A crash does not spend the attempt, so that restarts never use a job up; but a job that was running at ten crashes
 * since it was enqueued or retried fails, so that one which brings the server down does not do so for ever.
 */
export function sqliteEngine(db: Db, options: { leaseMs: number; now: () => number }): QueueEngine {
	const { leaseMs, now } = options;
	const inTime = <T>(work: (tx: Db, at: number) => Promise<T>) => inTransaction(db, (tx) => work(tx, now()));
	return {
		claim: (limit) => inTime((tx, at) => claim(tx, limit, at, leaseMs)),
		heartbeat: (jobs) => extendLeases(db, jobs, now(), leaseMs),
		settle: (job, outcome) => inTime((tx, at) => settleRow(tx, job, outcome, at)),
		recover: () => inTime(recover),
		lookAhead: () => lookAhead(db),
	};
}

async function claim(tx: Db, limit: number, now: number, leaseMs: number): Promise<JobChange[]> {
	const next = firstInLine(tx)
		.select('job.id')
		.where('job.run_at', '<=', now)
		.orderBy('job.priority', 'desc')
		.orderBy('job.id')
		.limit(limit);
	const rows = await tx
		.updateTable('jobs')
		.set((eb) => ({
			state: 'running',
			attempts: eb('attempts', '+', 1),
			// New with every claim: an attempt that lost its lease cannot settle the one that came after it.
			leased_by: `${workerId()}/${newId()}`,
			lease_until: now + leaseMs,
			started_at: eb.fn.coalesce('started_at', eb.val(now)),
			updated_at: now,
		}))
		.where('id', 'in', next)
		.returningAll()
		.execute();
	const jobs = rows.map(toJob).sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
	const lines = jobs.map((job) => ({ jobId: job.id, level: 'info' as const, message: startLine(job) }));
	const events = await addJobEvents(tx, lines, now);
	return jobs.map((job, at) => ({ job, event: events[at] as JobEvent }));
}

function startLine(job: Job): string {
	return `Attempt ${job.attempts} of ${job.max_attempts} started`;
}

/**
 * The queued jobs that nothing but time holds back. Who waits for whom, inside one project:
 * every job for the older open ones of its lane, backoff and parked ones included;
 * `life` for whatever is running; the other lanes for open `life`; `prompt` for queued or running `setup`, too.
 */
function firstInLine(db: Db) {
	return db
		.selectFrom('jobs as job')
		.where(isOpen('job.state'))
		.where('job.state', '=', 'queued')
		.where(({ not, exists, selectFrom }) =>
			not(exists(selectFrom('queue_settings').select('id').where('id', '=', 'queue').where('paused', '=', 1))),
		)
		.where(({ not, exists, selectFrom }) =>
			not(
				exists(
					selectFrom('jobs as other')
						.select('other.id')
						.whereRef('other.project_id', '=', 'job.project_id')
						.where(isOpen('other.state'))
						.where(HOLDS_BACK),
				),
			),
		);
}

const HOLDS_BACK = sql<boolean>`(
	(other.lane = job.lane and other.id < job.id)
	or (job.lane = 'life' and other.state = 'running')
	or (other.state in ('queued', 'running') and job.lane <> 'life'
		and (other.lane = 'life' or (job.lane = 'prompt' and other.lane = 'setup'))))`;

/** Written out, since only then does the planner see that the indexes on open jobs apply. */
function isOpen(column: string): RawBuilder<boolean> {
	return sql<boolean>`${sql.ref(column)} in ('queued', 'running', 'waiting_for_credential')`;
}

async function lookAhead(db: Db): Promise<{ running: number; nextDueAt: number | undefined }> {
	const row = await db
		.selectNoFrom([
			firstInLine(db)
				.select(({ fn }) => fn.min('job.run_at').as('at'))
				.as('nextDueAt'),
			db
				.selectFrom('jobs')
				.select(({ fn }) => fn.countAll<number | string>().as('count'))
				.where(isOpen('state'))
				.where('state', '=', 'running')
				.as('running'),
		])
		.executeTakeFirstOrThrow();
	return { running: Number(row.running), nextDueAt: row.nextDueAt ?? undefined };
}

async function extendLeases(db: Db, jobs: readonly Job[], now: number, leaseMs: number) {
	const leases = new Set(jobs.map((job) => job.leased_by));
	const rows = await db
		.updateTable('jobs')
		.set({ lease_until: now + leaseMs })
		.where(
			'id',
			'in',
			jobs.map((job) => job.id),
		)
		.where('leased_by', 'in', [...leases])
		.where('state', '=', 'running')
		.returning(['id', 'leased_by', 'cancel_requested_at'])
		.execute();
	return rows.map((row) => ({
		jobId: row.id,
		leasedBy: row.leased_by as string,
		cancelRequested: row.cancel_requested_at !== null,
	}));
}

async function recover(tx: Db, now: number): Promise<JobChange[]> {
	const running = await tx
		.selectFrom('jobs')
		.select(['id', 'leased_by', 'lease_until', 'started_at', 'cancel_requested_at'])
		.where(isOpen('state'))
		.where('state', '=', 'running')
		.execute();
	const lost = running.filter((job) => (job.lease_until ?? 0) < now || isWorkerGone(job.leased_by ?? ''));
	if (lost.length === 0) return [];
	const crashes = await countCrashes(
		tx,
		lost.map((job) => job.id),
	);
	const changes: JobChange[] = [];
	for (const job of lost) {
		const ending = job.cancel_requested_at === null ? afterCrash((crashes.get(job.id) ?? 0) + 1) : CANCELLED;
		changes.push(await applyEnding(tx, job.id, ending, now));
	}
	return changes;
}

function afterCrash(crashes: number): Ending {
	if (crashes < MAX_CRASHES) return { set: { state: 'queued' }, unspent: true, level: 'warn', message: CRASHED };
	const error = `The server ended ${crashes} times while this job ran. Find the reason in the server log, then retry.`;
	return { set: { state: 'failed', last_error: error }, level: 'error', message: `Failed: ${error}` };
}

/** Read from the log: crashes are rare, and the log keeps them in any case. A retry starts a new count. */
async function countCrashes(tx: Db, jobIds: readonly string[]): Promise<Map<string, number>> {
	const rows = await tx
		.selectFrom('job_events')
		.innerJoin('jobs', 'jobs.id', 'job_events.job_id')
		.select(({ fn }) => ['job_id', fn.countAll<number | string>().as('count')])
		.where('job_id', 'in', jobIds)
		.where('message', '=', CRASHED)
		.whereRef('at', '>=', 'jobs.started_at')
		.groupBy('job_id')
		.execute();
	return new Map(rows.map((row) => [row.job_id, Number(row.count)]));
}
