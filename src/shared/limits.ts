import { z } from 'zod';

export const limitName = z.enum(['memory', 'cpus', 'disk']);
export type LimitName = z.infer<typeof limitName>;

/** What one project may use: memory and processors for its agent, and as much again for its preview. */
export const limits = z.object({ memoryMb: z.number(), cpus: z.number(), diskMb: z.number() });
export type LimitValues = z.infer<typeof limits>;

/** The project's own limits; null: as it is set for all projects. */
const ownLimits = z.object({
	memoryMb: z.number().nullable(),
	cpus: z.number().nullable(),
	diskMb: z.number().nullable(),
});
export type OwnLimits = z.infer<typeof ownLimits>;

const bound = z.object({ min: z.number(), max: z.number() });
export const limitBounds = z.object({ memoryMb: bound, cpus: bound, diskMb: bound });
export type LimitBounds = z.infer<typeof limitBounds>;

/** The field of each limit. */
export const LIMIT_FIELDS = {
	memory: 'memoryMb',
	cpus: 'cpus',
	disk: 'diskMb',
} as const satisfies Record<LimitName, keyof LimitValues>;

export const projectLimits = z.object({
	own: ownLimits,
	defaults: limits,
	bounds: limitBounds,
	/** Those that the runtime keeps projects to. */
	keeps: z.array(limitName),
});
export type ProjectLimits = z.infer<typeof projectLimits>;

/** A limit that a project ran into; `raiseTo`, in the unit of its field, is null where there is no more to give. */
export const reachedLimit = z.object({ limit: limitName, raiseTo: z.number().nullable() });
export type ReachedLimit = z.infer<typeof reachedLimit>;

/** What a project uses now. `diskMb` is null where it is not measured. */
export const loadView = z.object({
	isPaused: z.boolean(),
	processes: z.array(z.object({ name: z.enum(['opencode', 'preview']), memoryMb: z.number(), cpus: z.number() })),
	diskMb: z.number().nullable(),
});
export type LoadView = z.infer<typeof loadView>;

const MB_OF_GB = 1_024;

/** "640 MB", "1.5 GB", "12 GB". */
export function sizeWords(mb: number): string {
	if (mb < MB_OF_GB) return `${Math.round(mb)} MB`;
	const gb = mb / MB_OF_GB;
	return `${gb < 10 ? Number(gb.toFixed(1)) : Math.round(gb)} GB`;
}

/** "1 core", "0.5 cores". */
export function coreWords(cpus: number): string {
	const shown = Number(cpus.toFixed(2));
	return `${shown} ${shown === 1 ? 'core' : 'cores'}`;
}

/** A limit's value in words. */
export function limitWords(limit: LimitName, value: number): string {
	return limit === 'cpus' ? coreWords(value) : sizeWords(value);
}
