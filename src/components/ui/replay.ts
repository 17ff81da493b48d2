export type Replay<E> = {
	/** Remembers an event for every load that is under way. */
	note: (event: E) => void;
	/** Waits for a load, then hands `tell` the events that came meanwhile, in their order. */
	around: (load: Promise<void>, tell: (event: E) => void) => Promise<void>;
};

/**
 * Keeps a reply from undoing what is newer. A server reads its answer before it arrives, and live events overtake it:
 * told once more, they have the last word. For events that say how something stands, not for those that add to it.
 */
export function createReplay<E>(): Replay<E> {
	const underWay = new Set<E[]>();
	return {
		note(event) {
			for (const meanwhile of underWay) meanwhile.push(event);
		},
		async around(load, tell) {
			const meanwhile: E[] = [];
			underWay.add(meanwhile);
			await load.finally(() => underWay.delete(meanwhile));
			for (const event of meanwhile) tell(event);
		},
	};
}
