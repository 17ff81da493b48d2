import type { LiveEvent } from '#shared/live.ts';
import type { ConnectionView } from '#shared/providers.ts';

/**
 * The list after a live event, in the order of preference: one default at most, and one account in use of each provider.
 */
export function applyConnectionEvent(list: ConnectionView[], event: LiveEvent): ConnectionView[] {
	if (event.type === 'connection.removed') return list.filter((entry) => entry.id !== event.connectionId);
	if (event.type !== 'connection.changed') return list;
	const { connection } = event;
	const others = list
		.filter((entry) => entry.id !== connection.id)
		.map((entry) => ({
			...entry,
			// The default is a provider, with all its accounts.
			preferred:
				entry.providerId === connection.providerId ? connection.preferred : entry.preferred && !connection.preferred,
			active: entry.active && !(connection.active && entry.providerId === connection.providerId),
		}));
	return [...others, connection].sort(byPreference);
}

/** The list with one row a place further up (-1) or down (1). */
export function moveConnection(list: ConnectionView[], connectionId: string, by: -1 | 1): ConnectionView[] {
	const from = list.findIndex((entry) => entry.id === connectionId);
	const to = from + by;
	if (from === -1 || to < 0 || to >= list.length) return list;
	const moved = list.filter((entry) => entry.id !== connectionId);
	return list[from] === undefined ? list : inPlaces(moved.toSpliced(to, 0, list[from]));
}

function inPlaces(list: ConnectionView[]): ConnectionView[] {
	return list.map((entry, at) => ({ ...entry, position: at + 1 }));
}

function byPreference(one: ConnectionView, other: ConnectionView): number {
	return one.position - other.position || (one.id < other.id ? -1 : 1);
}
