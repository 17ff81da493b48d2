/** A call that is under way, as far as it can be ended from outside. */
type Call = {
	projectId: string;
	connectionId: string;
	tokenHash: string;
	/** Ends it at once, in both directions. */
	cut(): void;
};

type Which = { projectId?: string | undefined; connectionId?: string | undefined };

/** The calls that are under way. */
export type Calls = {
	/** Undefined when the project has as many as it may. */
	begin(call: Call): (() => void) | undefined;
	/** Returns how many were ended. */
	cut(which: Which): number;
	cutTokens(hashes: ReadonlySet<string>): void;
	tokens(): string[];
	count(): number;
};

export function createCalls(mostPerProject: number): Calls {
	const running = new Set<Call>();
	const byProject = new Map<string, number>();

	const cutThose = (wanted: (call: Call) => boolean): number => {
		const found = [...running].filter(wanted);
		for (const call of found) call.cut();
		return found.length;
	};

	return {
		begin(call) {
			const { projectId } = call;
			const before = byProject.get(projectId) ?? 0;
			if (before >= mostPerProject) return undefined;
			byProject.set(projectId, before + 1);
			running.add(call);
			return () => {
				if (!running.delete(call)) return;
				const left = (byProject.get(projectId) ?? 1) - 1;
				if (left === 0) byProject.delete(projectId);
				else byProject.set(projectId, left);
			};
		},
		cut: ({ projectId, connectionId }) =>
			cutThose(
				(call) =>
					(projectId === undefined || call.projectId === projectId) &&
					(connectionId === undefined || call.connectionId === connectionId),
			),
		cutTokens: (hashes) => void cutThose(({ tokenHash }) => hashes.has(tokenHash)),
		tokens: () => [...new Set([...running].map(({ tokenHash }) => tokenHash))],
		count: () => running.size,
	};
}
