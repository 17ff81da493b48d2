import type { LiveEvent } from '#shared/live.ts';
import type { ConnectionView } from '#shared/providers.ts';

/** The list after a live event: rows keep their place, new ones come last, and there is one default at most. */
export function applyConnectionEvent(list: ConnectionView[], event: LiveEvent): ConnectionView[] {
	if (event.type === 'connection.removed') return list.filter((entry) => entry.id !== event.connectionId);
	if (event.type !== 'connection.changed') return list;
	const { connection } = event;
	const others = connection.preferred ? list.map((entry) => ({ ...entry, preferred: false })) : list;
	const known = others.some((entry) => entry.id === connection.id);
	return known ? others.map((entry) => (entry.id === connection.id ? connection : entry)) : [...others, connection];
}
