import type { LiveEvent } from '#shared/live.ts';

/** Who an event is for: a person, and where it is about one open project only, that project. */
type Audience = { userId: string; projectId?: string | undefined };

type Listener = (event: LiveEvent) => void;

/** Carries live events from the server's rooms to the browsers that are open, in this process. */
export type Live = {
	publish(audience: Audience, event: LiveEvent): void;
	/** For everybody who is there. */
	broadcast(event: LiveEvent): void;
	/** Whether any page of this person is open: views are not made for nobody. */
	isHeard(userId: string): boolean;
	/** Receives what is for this person, and of the project-only events those of `projectId`. Returns the way out. */
	subscribe(audience: Audience, listener: Listener): () => void;
};

export function createLive(): Live {
	const subscriptions = new Set<{ audience: Audience; listener: Listener }>();
	return {
		publish(audience, event) {
			for (const { audience: reader, listener } of subscriptions) {
				if (reader.userId !== audience.userId) continue;
				if (audience.projectId !== undefined && audience.projectId !== reader.projectId) continue;
				listener(event);
			}
		},
		broadcast(event) {
			for (const { listener } of subscriptions) listener(event);
		},
		isHeard: (userId) => [...subscriptions].some(({ audience }) => audience.userId === userId),
		subscribe(audience, listener) {
			const subscription = { audience, listener };
			subscriptions.add(subscription);
			return () => subscriptions.delete(subscription);
		},
	};
}
