import { z } from 'zod';
import { recordId, storedAccess } from '../records.ts';

const runningProcess = z.object({
	name: z.enum(['opencode', 'preview']),
	port: z.int(),
	/** Null until it was started for the first time. */
	identity: z.object({ pid: z.int().positive(), startTime: z.string() }).nullable(),
	startedAt: z.number(),
});
export type RunningProcess = z.infer<typeof runningProcess>;

/** What is kept of a project that was started as processes. */
export const processRecord = z.object({
	projectId: recordId,
	password: z.string(),
	bootId: z.string(),
	/** Where `exec` runs its commands. */
	exec: z.object({ cwd: z.string(), env: z.record(z.string(), z.string()) }),
	/** Null for a project that was started without a fence. */
	access: storedAccess.nullable().default(null),
	processes: z.array(runningProcess),
});
export type ProcessRecord = z.infer<typeof processRecord>;
