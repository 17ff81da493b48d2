import { type LiveEvent, liveEvent } from '#shared/live.ts';

export type LiveListener = (event: LiveEvent) => void;

export type LiveConnection = {
	/** Listens until the returned function is called; with a project id also to what happens inside that project. */
	subscribe(listener: LiveListener, projectId?: string): () => void;
	/** Closes the stream while nobody looks; `resume` opens it again, which ends in a `hello`. */
	pause(): void;
	resume(): void;
};

/** After how many ms a stream that the server refused is tried again: once, twice, and so on. */
const RETRY_AFTER = [1_000, 2_000, 5_000, 15_000, 30_000];

/**
 * One stream for all who listen. `hello` reaches every listener at its start and after each interruption: what it shows
 * was written before the stream opened, so it reloads. An event that cannot be read counts as an interruption.
 */
export function createLiveConnection(open: (url: string) => EventSource, retryAfter = RETRY_AFTER): LiveConnection {
	const subscribers = new Set<{ listener: LiveListener; projectId: string | undefined }>();
	let source: EventSource | undefined;
	let url = '';
	let lastHello: LiveEvent | undefined;
	let failures = 0;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let paused = false;

	const tell = (event: LiveEvent) => {
		for (const { listener } of [...subscribers]) listener(event);
	};
	const close = () => {
		clearTimeout(timer);
		source?.close();
		source = undefined;
		lastHello = undefined;
	};
	const receive = (data: string) => {
		const event = readEvent(data) ?? lastHello;
		if (event === undefined) return;
		if (event.type === 'hello') {
			lastHello = event;
			failures = 0;
		}
		tell(event);
	};
	const connect = () => {
		const wanted = paused || subscribers.size === 0 ? undefined : urlFor(subscribers);
		if (wanted !== undefined && wanted === url && source !== undefined) return;
		close();
		if (wanted === undefined) return;
		url = wanted;
		source = open(url);
		source.onmessage = (message) => receive(String(message.data));
		source.onerror = ({ target }) => {
			// Otherwise the browser tries again by itself.
			if (target !== source || source?.readyState !== 2) return;
			source = undefined;
			timer = setTimeout(connect, retryAfter[Math.min(failures++, retryAfter.length - 1)]);
		};
	};
	return {
		subscribe(listener, projectId) {
			const entry = { listener, projectId };
			subscribers.add(entry);
			queueMicrotask(connect);
			if (lastHello !== undefined && source !== undefined) listener(lastHello);
			return () => {
				subscribers.delete(entry);
				queueMicrotask(connect);
			};
		},
		pause() {
			paused = true;
			connect();
		},
		resume() {
			paused = false;
			connect();
		},
	};
}

/** A stream with a project carries everything that one without it does, so one is enough for a page. */
function urlFor(subscribers: Iterable<{ projectId: string | undefined }>): string {
	const projectId = [...subscribers].findLast((entry) => entry.projectId !== undefined)?.projectId;
	return projectId === undefined ? '/api/live' : `/api/live?project=${encodeURIComponent(projectId)}`;
}

function readEvent(data: string): LiveEvent | undefined {
	// A page from before an upgrade cannot know every event, but it can load what it shows again.
	const parsed = liveEvent.safeParse(JSON.parse(data));
	return parsed.success ? parsed.data : undefined;
}
