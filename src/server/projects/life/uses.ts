import type { Db } from '../../db/client.ts';
import type { Logger } from '../../logger.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Project } from '../projects.ts';

/** How exactly the database knows when a project was last used, in ms. */
const STORED_EVERY = 60_000;

/** Who uses which project when. A use: a visit of its preview, its open page, a message, its agent at work. */
export type Uses = {
	/** The project is used now; a paused one goes on. Not to be called inside a transaction. */
	note(projectId: string): void;
	/** When it was last used, in epoch milliseconds. */
	lastUse(project: Pick<Project, 'id' | 'last_used_at' | 'last_active_at'>): number;
	/** Freezes a project where it stands, unless it is used meanwhile. False when it goes on. */
	pause(projectId: string): Promise<boolean>;
	/** Whether it was paused, and not used since. */
	isPaused(projectId: string): boolean;
};

export function createUses(services: {
	db: Db;
	logger: Logger;
	runtime: Pick<Runtime, 'find' | 'pause'>;
	now?: () => number;
}): Uses {
	const { db, logger, runtime, now = Date.now } = services;
	const used = new Map<string, number>();
	const stored = new Map<string, number>();
	const paused = new Set<string>();
	/** By project: how often it was noted; tells whether it was while something else was awaited. */
	const counts = new Map<string, number>();

	async function store(projectId: string, at: number): Promise<void> {
		await db.updateTable('projects').set({ last_used_at: at }).where('id', '=', projectId).execute();
	}

	return {
		note(projectId) {
			const at = now();
			used.set(projectId, at);
			counts.set(projectId, (counts.get(projectId) ?? 0) + 1);
			if (paused.delete(projectId))
				runtime
					.find(projectId)
					.catch((error: unknown) => logger.error({ err: error, projectId }, 'A paused project did not go on.'));
			if (at - (stored.get(projectId) ?? 0) < STORED_EVERY) return;
			stored.set(projectId, at);
			store(projectId, at).catch((error: unknown) =>
				logger.error({ err: error, projectId }, 'The use of a project was not stored.'),
			);
		},
		lastUse: ({ id, last_used_at, last_active_at }) => Math.max(used.get(id) ?? 0, last_used_at, last_active_at),
		async pause(projectId) {
			const before = counts.get(projectId);
			if (!(await runtime.pause(projectId))) return false;
			if (counts.get(projectId) === before) {
				paused.add(projectId);
				return true;
			}
			await runtime.find(projectId);
			return false;
		},
		isPaused: (projectId) => paused.has(projectId),
	};
}
