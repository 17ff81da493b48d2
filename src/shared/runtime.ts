import { z } from 'zod';
import { limitBounds, limitName, limits } from './limits.ts';
import { isolation } from './projects.ts';

/** For all projects of this doce; 0 means never. */
export const runtimeSettings = z.object({
	/** Limits of the projects that have none of their own. */
	defaults: limits,
	/** A project that nobody uses is frozen after so long, where the runtime can do that. */
	pauseAfterMinutes: z.number(),
	/** And ended after so long. */
	stopAfterHours: z.number(),
});
export type RuntimeSettings = z.infer<typeof runtimeSettings>;

/** What runs projects, and how it is set. */
export const runtimeView = z.object({
	kind: z.enum(['process', 'docker', 'swarm']),
	isolation,
	keeps: z.array(limitName),
	canPause: z.boolean(),
	/** Why nothing can be started now, with the cure; null when all is well. */
	trouble: z.string().nullable(),
	settings: runtimeSettings,
	bounds: limitBounds,
});
export type RuntimeView = z.infer<typeof runtimeView>;
