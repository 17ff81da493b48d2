import { useSyncExternalStore } from 'react';

let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** The time in ms, once a second while `ticking`; all users of a page share one timer. Null on the server. */
export function useNow(ticking: boolean): number | null {
	return useSyncExternalStore<number | null>(ticking ? listen : rest, read, () => null);
}

function listen(listener: () => void): () => void {
	listeners.add(listener);
	timer ??= setInterval(tick, 1_000);
	tick();
	return () => {
		listeners.delete(listener);
		if (listeners.size > 0) return;
		clearInterval(timer);
		timer = undefined;
	};
}

function tick(): void {
	now = Date.now();
	for (const listener of listeners) listener();
}

function rest(): () => void {
	return () => undefined;
}

function read(): number {
	if (now === 0) now = Date.now();
	return now;
}
