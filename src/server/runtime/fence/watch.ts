import { descendants, isAlive, listChildren, type ProcessIdentity } from '../process/table.ts';
import type { Limits } from './limits.ts';
import { usageOf } from './usage.js';

const WATCH_MS = 2_000;
/** So often in a row there has to be too much memory: the watcher inside ends just the biggest process. */
const LOOKS = 2;

type Bounds = Pick<Limits, 'memoryBytes' | 'processes' | 'threads'>;

/** Looks from outside, where nothing of a project can stop it, whether what is behind a fence keeps its limits. */
export type Watch = {
	/** `onBreach` is called once, with the limit that is broken. What ended by itself is forgotten. */
	add(leader: ProcessIdentity, onBreach: (limit: string) => void): void;
};

type Watched = { leader: ProcessIdentity; onBreach: (limit: string) => void; looks: number };

export function createWatch(bounds: Bounds, everyMs = WATCH_MS): Watch {
	const all = new Set<Watched>();
	let timer: NodeJS.Timeout | undefined;

	function look(): void {
		for (const one of all) if (!isAlive(one.leader)) all.delete(one);
		const children = all.size === 0 ? new Map<number, number[]>() : listChildren();
		for (const one of all) {
			const pids = descendants(children, one.leader.pid);
			const { threads, bytes } = usageOf(pids.slice(0, bounds.processes), bounds.memoryBytes);
			one.looks = bytes > bounds.memoryBytes ? one.looks + 1 : 0;
			const limit = breach(bounds, { processes: pids.length, threads, isTooBig: one.looks >= LOOKS });
			if (limit === undefined) continue;
			all.delete(one);
			one.onBreach(limit);
		}
		if (all.size > 0) return;
		clearInterval(timer);
		timer = undefined;
	}

	return {
		add(leader, onBreach) {
			all.add({ leader, onBreach, looks: 0 });
			timer ??= setInterval(look, everyMs).unref();
		},
	};
}

function breach(bounds: Bounds, held: { processes: number; threads: number; isTooBig: boolean }): string | undefined {
	// The fence itself is three: bubblewrap's two, and the watcher inside.
	if (held.processes > bounds.processes + 3) return `${bounds.processes} processes`;
	if (held.threads > bounds.threads) return `${bounds.threads} threads`;
	return held.isTooBig ? `${Math.round(bounds.memoryBytes / 1024 / 1024)} MB of memory` : undefined;
}
