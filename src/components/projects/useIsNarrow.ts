import { useSyncExternalStore } from 'react';

/** Below this the chat and the site do not fit side by side. */
const NARROW = '(max-width: 767px)';

/** Whether the window is a phone's; the server's page is the wide one. */
export function useIsNarrow(): boolean {
	return useSyncExternalStore(
		follow,
		() => matchMedia(NARROW).matches,
		() => false,
	);
}

function follow(changed: () => void): () => void {
	const query = matchMedia(NARROW);
	query.addEventListener('change', changed);
	return () => query.removeEventListener('change', changed);
}
