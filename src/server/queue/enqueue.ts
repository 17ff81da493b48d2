import { type Db, inTransaction } from '#server/db/client.ts';
import { newId } from '#server/db/id.ts';
import { AppError } from '#server/errors.ts';
import { type Lane, lane as laneSchema } from '#shared/queue.ts';
import { addJobEvents, findJobType, getJob, JOB_TYPES, type Job, type JobType } from './jobs.ts';

export type EnqueueInput = {
	type: JobType;
	/** Ids only: never a secret, never a copy of a row. */
	payload: Record<string, unknown>;
	projectId?: string | null | undefined;
	userId?: string | null | undefined;
	/** Milliseconds until the first attempt. The job holds its place in its lane meanwhile. */
	delayMs?: number | undefined;
	/** Higher first, between projects; inside a project the order is always that of enqueueing. */
	priority?: number | undefined;
	/** While a job with this key is open (running included), enqueueing again answers with that job. */
	dedupeKey?: string | undefined;
};

/** Which jobs changed, and whether running ones among them were asked to stop. */
export type QueueChange = { kind: 'work' | 'cancel'; jobIds: readonly string[] };

const listeners = new Set<(change: QueueChange) => void>();

/**
 * Calls `listener` in this process whenever jobs were enqueued, cancelled, retried or resumed here, possibly before
 * the surrounding transaction ends: read the rows for the truth. Returns the function that ends it.
 */
export function onQueueChange(listener: (change: QueueChange) => void): () => void {
	listeners.add(listener);
	return () => void listeners.delete(listener);
}

/**
 * Stores a job; inside a caller's transaction it comes to be with that transaction or not at all.
 * A `life` job cancels the project's work in the other lanes, at once if it waits and on request if it runs.
 */
export async function enqueue(db: Db, input: EnqueueInput): Promise<{ jobId: string; created: boolean }> {
	const result = await inTransaction(db, async (tx) => {
		const jobId = newId();
		const { numInsertedOrUpdatedRows } = await tx
			.insertInto('jobs')
			.values(newJob(jobId, input))
			.onConflict((conflict) => conflict.doNothing())
			.executeTakeFirstOrThrow();
		const created = numInsertedOrUpdatedRows !== 0n;
		const id = created ? jobId : await getOpenTwin(tx, input);
		await yieldToLife(tx, id, input);
		return { jobId: id, created };
	});
	if (result.created) announce({ kind: 'work', jobIds: [result.jobId] });
	return result;
}

/** Stores work that was done elsewhere, at `at` (ms), so that nothing does it again. */
export async function recordDone(db: Db, input: EnqueueInput, at: number, message: string): Promise<void> {
	const job = {
		...newJob(newId(), input),
		state: 'succeeded' as const,
		created_at: at,
		started_at: at,
		finished_at: at,
	};
	await inTransaction(db, async (tx) => {
		await tx.insertInto('jobs').values(job).execute();
		await addJobEvents(tx, [{ jobId: job.id, level: 'info', message }], Date.now());
	});
}

/** A waiting job ends now, a running one is asked to stop. Throws `not_found`, or `conflict` when it has ended. */
export async function cancelJob(db: Db, jobId: string): Promise<Job> {
	const job = await inTransaction(db, async (tx) => {
		const { state } = await getJob(tx, jobId);
		if (['succeeded', 'failed', 'cancelled'].includes(state)) {
			throw new AppError('conflict', 'This job has already ended; there is nothing to cancel.');
		}
		await cancelOpen(tx, [{ id: jobId, state }]);
		return getJob(tx, jobId);
	});
	announce({ kind: 'cancel', jobIds: [jobId] });
	return job;
}

/** Cancels the project's open jobs, in all lanes or in `lanes`, as `cancelJob` does. Returns how many there were. */
export async function cancelProjectJobs(
	db: Db,
	projectId: string,
	lanes: readonly Lane[] = laneSchema.options,
): Promise<number> {
	return inTransaction(db, async (tx) => {
		const open = await tx
			.selectFrom('jobs')
			.select(['id', 'state'])
			.where('project_id', '=', projectId)
			.where('lane', 'in', lanes)
			.where('state', 'in', ['queued', 'running', 'waiting_for_credential'])
			.execute();
		await cancelOpen(tx, open);
		if (open.length > 0) announce({ kind: 'cancel', jobIds: open.map((job) => job.id) });
		return open.length;
	});
}

/**
 * Gives a failed or cancelled job all its attempts again, at its old place in its lane.
 * Throws `not_found`, or `conflict` for any other state or when a job with the same dedupe key is open.
 */
export async function retryJob(db: Db, jobId: string): Promise<Job> {
	const job = await inTransaction(db, async (tx) => {
		const old = await getJob(tx, jobId);
		if (old.state !== 'failed' && old.state !== 'cancelled') {
			throw new AppError('conflict', 'Only a failed or cancelled job can be retried.');
		}
		if (old.dedupe_key !== null && (await findOpenTwin(tx, old.dedupe_key)) !== undefined) {
			throw new AppError('conflict', 'The same work is already in the queue.');
		}
		const now = Date.now();
		await tx
			.updateTable('jobs')
			.set({ state: 'queued', attempts: 0, run_at: now, updated_at: now, last_error: null, cancel_requested_at: null })
			.set({ started_at: null, finished_at: null })
			.where('id', '=', jobId)
			.execute();
		await addJobEvents(tx, [{ jobId, level: 'info', message: 'Retry requested' }], now);
		await yieldToLife(tx, jobId, { type: old.type, projectId: old.project_id });
		return getJob(tx, jobId);
	});
	announce({ kind: 'work', jobIds: [jobId] });
	return job;
}

/** Which parked jobs are meant: those that wait for a connection, or all of a project, or of a person. */
export type Parked = { connectionId: string } | { projectId: string } | { userId: string };

/**
 * Puts parked jobs back in the queue; call it in the transaction that changes what they wait for. A job that is about
 * to park notices, too. Returns how many went back.
 */
export async function resumeWaiting(db: Db, which: Parked): Promise<number> {
	const now = Date.now();
	const { column, value, setting } = describeParked(which);
	const resumed = await inTransaction(db, async (tx) => {
		await saveSetting(tx, setting, 0, now);
		const rows = await tx
			.updateTable('jobs')
			.set({ state: 'queued', run_at: now, updated_at: now, waiting_for_connection_id: null })
			.where('state', '=', 'waiting_for_credential')
			.where(column, '=', value)
			.returning('id')
			.execute();
		const message = 'What it waited for has changed: back in the queue';
		await addJobEvents(
			tx,
			rows.map(({ id }) => ({ jobId: id, level: 'info', message })),
			now,
		);
		return rows;
	});
	if (resumed.length > 0) announce({ kind: 'work', jobIds: resumed.map((job) => job.id) });
	return resumed.length;
}

/** Lets queued jobs of these types, which wait for their time, go on now. */
export async function hurryJobs(db: Db, types: readonly JobType[]): Promise<void> {
	const now = Date.now();
	const rows = await db
		.updateTable('jobs')
		.set({ run_at: now, updated_at: now })
		.where('state', '=', 'queued')
		.where('type', 'in', types)
		.where('run_at', '>', now)
		.returning('id')
		.execute();
	if (rows.length > 0) announce({ kind: 'work', jobIds: rows.map(({ id }) => id) });
}

/** True if `resumeWaiting` was called at `since` (ms) or later for what the job waits for, its project or its person. */
export async function wasResumedSince(db: Db, job: Job, connectionId: string, since: number): Promise<boolean> {
	const all: Parked[] = [{ connectionId }, { projectId: job.project_id ?? '' }, { userId: job.user_id ?? '' }];
	const settings = all.map((which) => describeParked(which).setting);
	const row = await db
		.selectFrom('queue_settings')
		.select('id')
		.where('id', 'in', settings)
		.where('updated_at', '>=', since)
		.executeTakeFirst();
	return row !== undefined;
}

/** From now on no job starts, in any process; what runs goes on. */
export async function pauseQueue(db: Db): Promise<void> {
	await saveSetting(db, 'queue', 1, Date.now());
}

export async function resumeQueue(db: Db): Promise<void> {
	await saveSetting(db, 'queue', 0, Date.now());
	announce({ kind: 'work', jobIds: [] });
}

export async function isQueuePaused(db: Db): Promise<boolean> {
	const row = await db.selectFrom('queue_settings').select('paused').where('id', '=', 'queue').executeTakeFirst();
	return row?.paused === 1;
}

function announce(change: QueueChange): void {
	for (const listener of listeners) listener(change);
}

function newJob(id: string, input: EnqueueInput) {
	const now = Date.now();
	return {
		id,
		type: input.type,
		lane: JOB_TYPES[input.type].lane,
		state: 'queued' as const,
		project_id: input.projectId ?? null,
		user_id: input.userId ?? null,
		payload: JSON.stringify(input.payload),
		priority: input.priority ?? 0,
		attempts: 0,
		max_attempts: JOB_TYPES[input.type].maxAttempts,
		run_at: now + (input.delayMs ?? 0),
		dedupe_key: input.dedupeKey ?? null,
		created_at: now,
		updated_at: now,
	};
}

async function getOpenTwin(tx: Db, { type, dedupeKey }: EnqueueInput): Promise<string> {
	const twin = dedupeKey === undefined ? undefined : await findOpenTwin(tx, dedupeKey);
	if (twin === undefined) throw new Error(`A ${type} job could not be stored.`);
	return twin;
}

async function findOpenTwin(tx: Db, dedupeKey: string): Promise<string | undefined> {
	const row = await tx
		.selectFrom('jobs')
		.select('id')
		.where('dedupe_key', '=', dedupeKey)
		.where('state', 'in', ['queued', 'running', 'waiting_for_credential'])
		.executeTakeFirst();
	return row?.id;
}

/** A life job makes room for itself; the other lanes' jobs are left alone. */
async function yieldToLife(tx: Db, jobId: string, job: { type: string; projectId?: string | null | undefined }) {
	if (job.projectId == null || findJobType(job.type)?.lane !== 'life') return;
	const cancelled = await cancelProjectJobs(tx, job.projectId, ['setup', 'prompt', 'credential']);
	if (cancelled === 0) return;
	const message = `Cancelled ${cancelled} other ${cancelled === 1 ? 'job' : 'jobs'} of the project`;
	await addJobEvents(tx, [{ jobId, level: 'info', message }], Date.now());
}

async function cancelOpen(tx: Db, open: readonly Pick<Job, 'id' | 'state'>[]): Promise<void> {
	const now = Date.now();
	const running = open.filter((job) => job.state === 'running').map((job) => job.id);
	const waiting = open.filter((job) => job.state !== 'running').map((job) => job.id);
	if (running.length > 0) {
		await tx
			.updateTable('jobs')
			.set({ cancel_requested_at: now, updated_at: now })
			.where('id', 'in', running)
			.execute();
	}
	if (waiting.length > 0) {
		await tx
			.updateTable('jobs')
			.set({ state: 'cancelled', cancel_requested_at: now, finished_at: now, updated_at: now })
			.set({ waiting_for_connection_id: null })
			.where('id', 'in', waiting)
			.execute();
	}
	const line = (message: string) => (jobId: string) => ({ jobId, level: 'warn' as const, message });
	await addJobEvents(tx, [...running.map(line('Cancel requested')), ...waiting.map(line('Cancelled'))], now);
}

function describeParked(which: Parked) {
	if ('connectionId' in which) {
		const { connectionId: value } = which;
		return { column: 'waiting_for_connection_id', value, setting: `resumed:${value}` } as const;
	}
	if ('projectId' in which)
		return { column: 'project_id', value: which.projectId, setting: `resumed:project:${which.projectId}` } as const;
	return { column: 'user_id', value: which.userId, setting: `resumed:user:${which.userId}` } as const;
}

async function saveSetting(db: Db, id: string, paused: number, now: number): Promise<void> {
	await db
		.insertInto('queue_settings')
		.values({ id, paused, updated_at: now })
		.onConflict((conflict) => conflict.column('id').doUpdateSet({ paused, updated_at: now }))
		.execute();
}
