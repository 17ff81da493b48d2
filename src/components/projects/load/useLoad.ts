import { actions } from 'astro:actions';
import { useEffect, useEffectEvent, useState } from 'react';
import type { LimitValues, LoadView } from '#shared/limits.ts';
import { callAction } from '../../ui/callAction.ts';

/** How often it is asked while the page is seen, in ms. */
const EVERY = 3_000;

export type LoadNow = { load: LoadView | null; limits: LimitValues };

/** What a project uses, kept current while somebody looks; undefined until that is known. */
export function useLoad(projectId: string): LoadNow | undefined {
	const [now, setNow] = useState<LoadNow>();
	const ask = useEffectEvent(async () => {
		const result = await callAction(actions.projects.getLoad({ projectId }));
		if (result.ok) setNow(result.data);
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: another project is asked for at once
	useEffect(() => {
		let timer: ReturnType<typeof setTimeout>;
		let isOver = false;
		// One after another: a busy machine takes its time to answer.
		const goOn = async () => {
			if (document.visibilityState === 'visible') await ask();
			if (!isOver) timer = setTimeout(() => void goOn(), EVERY);
		};
		void goOn();
		return () => {
			isOver = true;
			clearTimeout(timer);
		};
	}, [projectId]);
	return now;
}
