import { z } from 'zod';
import { limitName, reachedLimit } from './limits.ts';
import { fallbackMode } from './providers.ts';
import { jobState } from './queue.ts';

const projectStatus = z.enum(['creating', 'running', 'stopped', 'error', 'deleting']);
export type ProjectStatus = z.infer<typeof projectStatus>;

export const createProjectInput = z.object({
	prompt: z
		.string()
		.trim()
		.min(1, 'Describe the site you want.')
		.max(20_000, 'A prompt has at most 20,000 characters.'),
	name: z.string().trim().min(1).max(80).optional(),
	providerId: z.string().max(64).optional(),
	modelId: z.string().max(200).optional(),
});
export type CreateProjectInput = z.infer<typeof createProjectInput>;

/** One step of the setup chain, as the project page shows it. */
export const stepView = z.object({
	type: z.string(),
	jobId: z.string().nullable(),
	state: jobState,
	attempts: z.number().int(),
	startedAt: z.iso.datetime().nullable(),
	finishedAt: z.iso.datetime().nullable(),
	error: z.string().nullable(),
});
export type StepView = z.infer<typeof stepView>;

/** Something the person should know about a project; `action` names the one button that cures it. */
export const notice = z.object({
	level: z.enum(['info', 'warn', 'error']),
	message: z.string(),
	action: z.enum(['settings', 'retry', 'start', 'return', 'budget', 'raise']).nullable(),
	/** With `raise`: the limit that was reached, and what it can be raised to. */
	reached: reachedLimit.optional(),
});
export type Notice = z.infer<typeof notice>;

/** A connection that stands in for a project's own provider. */
export const standIn = z.object({
	connectionId: z.string(),
	providerId: z.string(),
	modelId: z.string().nullable(),
	since: z.iso.datetime(),
});

/** How well projects are kept apart from the machine and from each other, and why not better. */
export const isolation = z.object({ level: z.enum(['isolated', 'partly', 'not']), reason: z.string() });
export type Isolation = z.infer<typeof isolation>;

export const projectSummary = z.object({
	id: z.string(),
	name: z.string(),
	slug: z.string(),
	status: projectStatus,
	providerId: z.string().nullable(),
	modelId: z.string().nullable(),
	/** What happens when its provider fails; null: as its person has set it for all projects. */
	fallback: fallbackMode.nullable(),
	/** Whether it takes only connections whose key stays outside projects. */
	sealedOnly: z.boolean(),
	createdAt: z.iso.datetime(),
	lastActiveAt: z.iso.datetime(),
});
export type ProjectSummary = z.infer<typeof projectSummary>;

export const projectView = projectSummary.extend({
	prompt: z.string(),
	runtime: z.string(),
	isolation,
	/** The limits that the runtime keeps it to. */
	keeps: z.array(limitName),
	/** Opens the running preview as it is; carries the short-lived token that sets its cookie. */
	previewUrl: z.string(),
	/** True while the agent works on a message. */
	busy: z.boolean(),
	/** What answers in place of the project's own provider, while that does not serve. */
	standIn: standIn.nullable(),
	/** What it was used for in the present month of UTC, in US dollars. */
	costThisMonth: z.number(),
	steps: z.array(stepView),
	notices: z.array(notice),
});
export type ProjectView = z.infer<typeof projectView>;

/** One entry of the workspace's tree; `path` is relative, with `/`. */
export const fileEntry = z.object({ path: z.string(), kind: z.enum(['file', 'folder']), size: z.number().int() });
export type FileEntry = z.infer<typeof fileEntry>;
