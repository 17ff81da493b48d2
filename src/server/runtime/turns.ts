/** By project: its last call, which the next one waits for. */
export type Turns = Map<string, Promise<unknown>>;

/** Lets the calls of one project happen one after another. */
export async function inTurn<T>({ turns }: { turns: Turns }, projectId: string, call: () => Promise<T>): Promise<T> {
	const before = turns.get(projectId) ?? Promise.resolve();
	const turn = before.then(call, call);
	turns.set(projectId, turn);
	try {
		return await turn;
	} finally {
		if (turns.get(projectId) === turn) turns.delete(projectId);
	}
}
