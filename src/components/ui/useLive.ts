import { useEffect, useEffectEvent } from 'react';
import { createLiveConnection, type LiveListener } from './liveConnection.ts';

/** How long a hidden tab keeps its stream, in ms: a browser has six connections for a host, and tabs share them. */
const HIDDEN_FOR = 20_000;

const live = createLiveConnection((url) => new EventSource(url));
let hiding: ReturnType<typeof setTimeout> | undefined;

/**
 * Hears live events while the component is shown; give the project's id for what happens inside it. All of a page's
 * components share one stream. On `hello` (also the first) load again what you show: it may have changed meanwhile.
 */
export function useLive(listener: LiveListener, projectId?: string): void {
	const hear = useEffectEvent(listener);
	useEffect(() => {
		document.addEventListener('visibilitychange', followVisibility);
		return live.subscribe((event) => hear(event), projectId);
	}, [projectId]);
}

function followVisibility(): void {
	clearTimeout(hiding);
	if (document.visibilityState === 'hidden') hiding = setTimeout(live.pause, HIDDEN_FOR);
	else live.resume();
}
