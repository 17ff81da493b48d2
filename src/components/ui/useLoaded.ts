import { useEffect, useEffectEvent, useState } from 'react';
import { type Answer, callAction } from './callAction.ts';

export type Loaded<T> = {
	/** What came last; kept while the same thing is loaded again. */
	data: T | null;
	/** Why the last attempt failed, in words. */
	error: string | null;
	loading: boolean;
	reload: () => void;
};

/** Loads through an Astro Action when shown and whenever `key` changes; a reply that comes too late is dropped. */
export function useLoaded<T>(ask: () => Promise<Answer<T>>, key: string): Loaded<T> {
	const [state, setState] = useState<Omit<Loaded<T>, 'reload'>>({ data: null, error: null, loading: true });
	const [round, setRound] = useState(0);
	const load = useEffectEvent(() => callAction(ask()));

	// biome-ignore lint/correctness/useExhaustiveDependencies: the key and the round are the reasons to load again
	useEffect(() => {
		let late = false;
		setState((before) => ({ ...before, loading: true }));
		void load().then((result) => {
			if (late) return;
			if (result.ok) setState({ data: result.data, error: null, loading: false });
			else setState((before) => ({ ...before, error: result.message, loading: false }));
		});
		return () => {
			late = true;
		};
	}, [key, round]);

	return { ...state, reload: () => setRound((before) => before + 1) };
}
