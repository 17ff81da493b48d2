import { z } from 'zod';

export const jobState = z.enum(['queued', 'running', 'waiting_for_credential', 'succeeded', 'failed', 'cancelled']);
export type JobState = z.infer<typeof jobState>;

/** Jobs of one project and lane run one after another, in the order they were enqueued. */
export const lane = z.enum(['setup', 'prompt', 'credential', 'life']);
export type Lane = z.infer<typeof lane>;

const logLevel = z.enum(['info', 'warn', 'error']);
export type LogLevel = z.infer<typeof logLevel>;

/** The chain that sets a project up, in order. */
export const SETUP_STEPS = [
	'project.create',
	'runtime.start',
	'opencode.waitHealthy',
	'opencode.setProviderCredentials',
	'opencode.sessionCreate',
	'opencode.sendInitialPrompt',
] as const;

/** Those without which a project cannot run; its first prompt is not one of them. */
export const START_STEPS = SETUP_STEPS.slice(0, -1) as Exclude<
	(typeof SETUP_STEPS)[number],
	'opencode.sendInitialPrompt'
>[];

export const jobView = z.object({
	id: z.string(),
	type: z.string(),
	lane,
	state: jobState,
	projectId: z.string().nullable(),
	projectName: z.string().nullable(),
	attempts: z.number().int(),
	maxAttempts: z.number().int(),
	runAt: z.iso.datetime(),
	startedAt: z.iso.datetime().nullable(),
	finishedAt: z.iso.datetime().nullable(),
	createdAt: z.iso.datetime(),
	lastError: z.string().nullable(),
});
export type JobView = z.infer<typeof jobView>;

export const jobEventView = z.object({ at: z.iso.datetime(), level: logLevel, message: z.string() });
export type JobEventView = z.infer<typeof jobEventView>;

/** `payload` carries ids only. */
export const jobDetail = jobView.extend({ payload: z.record(z.string(), z.unknown()), events: z.array(jobEventView) });
