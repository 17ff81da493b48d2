/**
 * Keeps a project's turns and its credential changes apart, in this process: a change costs OpenCode a dispose,
 * which would abort the turn that is about to begin.
 */
export type Gate = {
	/** Runs `work` while nobody else of this project is inside. */
	exclusive<T>(projectId: string, work: () => Promise<T>): Promise<T>;
};

export function createGate(): Gate {
	const queues = new Map<string, Promise<unknown>>();
	return {
		async exclusive(projectId, work) {
			const before = queues.get(projectId) ?? Promise.resolve();
			const mine = before.then(work, work);
			queues.set(projectId, mine);
			try {
				return await mine;
			} finally {
				if (queues.get(projectId) === mine) queues.delete(projectId);
			}
		},
	};
}
