import type { SelectQueryBuilder } from 'kysely';
import type { Db } from '#server/db/client.ts';
import { newId } from '#server/db/id.ts';
import type { DatabaseSchema, Row } from '#server/db/schema.ts';
import { AppError } from '#server/errors.ts';
import { type JobState, jobState, type Lane, type LogLevel, SETUP_STEPS } from '#shared/queue.ts';

/** `firstMs` before the second attempt, `factor` times that before the third, and so on, never above `maxMs`. */
type Backoff = { firstMs: number; factor: number; maxMs: number };
type JobTypeRules = { lane: Lane; maxAttempts: number; backoff: Backoff };

const STEADY: Backoff = { firstMs: 1_000, factor: 2, maxMs: 30_000 };
const PATIENT: Backoff = { firstMs: 1_000, factor: 2, maxMs: 60_000 };

/** A key that did not arrive is tried again after 1 s, 2 s and 4 s, then it is the person's turn. */
const DELIVERY = { maxAttempts: 4, backoff: { firstMs: 1_000, factor: 2, maxMs: 4_000 } };

/** Every kind of durable work, the lane it waits in, and how stubborn it is. */
export const JOB_TYPES = {
	'project.create': { lane: 'setup', maxAttempts: 5, backoff: STEADY },
	'runtime.start': { lane: 'setup', maxAttempts: 5, backoff: STEADY },
	'opencode.waitHealthy': { lane: 'setup', maxAttempts: 5, backoff: STEADY },
	'opencode.setProviderCredentials': { lane: 'setup', ...DELIVERY },
	'opencode.sessionCreate': { lane: 'setup', maxAttempts: 5, backoff: STEADY },
	/** In the lane of the prompts: parked, it does not keep the project from starting again. */
	'opencode.sendInitialPrompt': { lane: 'prompt', maxAttempts: 5, backoff: STEADY },
	'chat.sendPrompt': { lane: 'prompt', maxAttempts: 5, backoff: STEADY },
	/** Belongs to no project: its handler fans out to those that hold the connection. */
	'credentials.changed': { lane: 'credential', maxAttempts: 10, backoff: PATIENT },
	'credentials.deliver': { lane: 'credential', ...DELIVERY },
	/** Waits until a person has approved at the provider; its OpenCode lives as long as this server does. */
	'oauth.callback': { lane: 'credential', maxAttempts: 1, backoff: STEADY },
	/** Renews a sign-in ahead of its end. A provider that cannot be reached spends no attempt. */
	'oauth.refresh': { lane: 'credential', maxAttempts: 10, backoff: PATIENT },
	/** Brings a renewed sign-in to the projects that hold the old one. */
	'oauth.push': { lane: 'credential', maxAttempts: 10, backoff: PATIENT },
	/** A provider that could not be reached, or limited requests, may serve again. */
	'connection.recheck': { lane: 'credential', maxAttempts: 10, backoff: PATIENT },
	/** A day or a month has ended, and with it what a budget let nobody spend. */
	'budget.recheck': { lane: 'credential', maxAttempts: 10, backoff: PATIENT },
	/** A `life` job cancels the project's work in the other lanes when it is enqueued. */
	'project.stop': { lane: 'life', maxAttempts: 10, backoff: PATIENT },
	'project.delete': { lane: 'life', maxAttempts: 10, backoff: PATIENT },
} as const satisfies Record<string, JobTypeRules>;

export type JobType = keyof typeof JOB_TYPES;

/** The jobs in which the agent works on a message. */
export const PROMPT_JOBS = ['opencode.sendInitialPrompt', 'chat.sendPrompt'] as const satisfies JobType[];

/** What is done by the runtime, or through it: it waits while that is away. */
export const RUNTIME_JOBS: readonly JobType[] = [
	...SETUP_STEPS,
	'chat.sendPrompt',
	'credentials.deliver',
	'project.stop',
	'project.delete',
];

/** A row of `jobs` with its payload parsed. `type` is text: a stored job may come from another version of doce. */
export type Job = Omit<Row<'jobs'>, 'payload'> & { payload: Record<string, unknown> };
export type JobEvent = Row<'job_events'>;

export type JobFilter = {
	userId?: string | undefined;
	projectId?: string | undefined;
	state?: JobState | undefined;
	type?: string | undefined;
};

/** The rules of a stored job's type; undefined when this version does not know it. */
export function findJobType(type: string): JobTypeRules | undefined {
	return Object.hasOwn(JOB_TYPES, type) ? JOB_TYPES[type as JobType] : undefined;
}

/** Throws `AppError('not_found')`. */
export async function getJob(db: Db, id: string): Promise<Job> {
	const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
	if (row === undefined) throw new AppError('not_found', 'There is no such job.');
	return toJob(row);
}

/** The jobs with these ids that exist, oldest first. */
export async function findJobs(db: Db, ids: readonly string[]): Promise<Job[]> {
	const rows = await db.selectFrom('jobs').selectAll().where('id', 'in', ids).orderBy('id').execute();
	return rows.map(toJob);
}

/** The project's newest job of each of `types` that it ever had; with `states`, of those alone. */
export async function findLatestJobs<T extends JobType>(
	db: Db,
	projectId: string,
	types: readonly T[],
	states: readonly JobState[] = jobState.options,
): Promise<Map<T, Job>> {
	const rows = await db
		.selectFrom('jobs')
		.selectAll()
		.where('id', 'in', (eb) =>
			eb
				.selectFrom('jobs as one')
				.select(({ fn }) => fn.max('one.id').as('id'))
				.where('one.project_id', '=', projectId)
				.where('one.type', 'in', types)
				.where('one.state', 'in', states)
				.groupBy('one.type'),
		)
		.execute();
	return new Map(rows.map((row) => [row.type as T, toJob(row)]));
}

/** A project's jobs of `types` that have not ended, oldest first; one that was asked to stop does not count. */
export async function listOpenJobs(db: Db, projectId: string, types: readonly JobType[]): Promise<Job[]> {
	const rows = await db
		.selectFrom('jobs')
		.selectAll()
		.where('project_id', '=', projectId)
		.where('type', 'in', types)
		.where('state', 'in', ['queued', 'running', 'waiting_for_credential'])
		.where('cancel_requested_at', 'is', null)
		.orderBy('id')
		.execute();
	return rows.map(toJob);
}

export type OpenWork = { projectId: string | null; type: string; isParked: boolean };

/** What has to be done, by project: each kind of job once. */
export async function listOpenWork(db: Db): Promise<OpenWork[]> {
	const rows = await db
		.selectFrom('jobs')
		.select(['project_id', 'type', 'state'])
		.distinct()
		.where('state', 'in', ['queued', 'running', 'waiting_for_credential'])
		.execute();
	return rows.map(({ project_id, type, state }) => ({
		projectId: project_id,
		type,
		isParked: state === 'waiting_for_credential',
	}));
}

/** The person's projects that have a parked job. */
export async function listParkedProjectIds(db: Db, userId: string): Promise<string[]> {
	const rows = await db
		.selectFrom('jobs')
		.select('project_id')
		.distinct()
		.where('user_id', '=', userId)
		.where('state', '=', 'waiting_for_credential')
		.execute();
	return rows.flatMap((row) => row.project_id ?? []);
}

/** Newest first; `before` is the id of the last job of the page before. */
export async function listJobs(
	db: Db,
	filter: JobFilter & { limit: number; before?: string | undefined },
): Promise<Job[]> {
	const { before } = filter;
	const rows = await matching(db.selectFrom('jobs'), filter)
		.selectAll()
		.$if(before !== undefined, (query) => query.where('id', '<', before as string))
		.orderBy('id', 'desc')
		.limit(filter.limit)
		.execute();
	return rows.map(toJob);
}

/** How many jobs stand in each state. */
export async function countJobs(db: Db, filter: JobFilter = {}): Promise<Record<JobState, number>> {
	const rows = await matching(db.selectFrom('jobs'), filter)
		.select(({ fn }) => ['state', fn.countAll<number | string>().as('count')])
		.groupBy('state')
		.execute();
	const counts = Object.fromEntries(jobState.options.map((state) => [state, 0])) as Record<JobState, number>;
	for (const row of rows) counts[row.state] = Number(row.count);
	return counts;
}

/** A job's log, oldest line first. */
export async function listJobEvents(db: Db, jobId: string): Promise<JobEvent[]> {
	return db.selectFrom('job_events').selectAll().where('job_id', '=', jobId).orderBy('id').execute();
}

/** Adds a line to a job's log. People read it: no secrets, no raw upstream errors. */
export async function addJobEvent(db: Db, jobId: string, level: LogLevel, message: string): Promise<JobEvent> {
	const [event] = await addJobEvents(db, [{ jobId, level, message }], Date.now());
	return event as JobEvent;
}

/** Adds one line to the log of each of several jobs; answers in the same order. */
export async function addJobEvents(
	db: Db,
	lines: readonly { jobId: string; level: LogLevel; message: string }[],
	at: number,
): Promise<JobEvent[]> {
	const events = lines.map(({ jobId, level, message }) => ({ id: newId(), job_id: jobId, at, level, message }));
	if (events.length > 0) await db.insertInto('job_events').values(events).execute();
	return events;
}

export function toJob(row: Row<'jobs'>): Job {
	return { ...row, payload: JSON.parse(row.payload) as Record<string, unknown> };
}

function matching<O>(query: SelectQueryBuilder<DatabaseSchema, 'jobs', O>, filter: JobFilter) {
	const { userId, projectId, state, type } = filter;
	return query
		.$if(userId !== undefined, (q) => q.where('user_id', '=', userId as string))
		.$if(projectId !== undefined, (q) => q.where('project_id', '=', projectId as string))
		.$if(state !== undefined, (q) => q.where('state', '=', state as JobState))
		.$if(type !== undefined, (q) => q.where('type', '=', type as string));
}
