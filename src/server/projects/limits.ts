import type { Limits } from '../runtime/runtime.ts';

const MB = 1024 * 1024;

/** What a project may use, unless somebody has set it otherwise. */
export const DEFAULT_LIMITS: Limits = { memoryBytes: 1_536 * MB, cpus: 2, diskBytes: 5_120 * MB };
