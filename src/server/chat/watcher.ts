import { setTimeout as pause } from 'node:timers/promises';
import type { LiveEvent } from '#shared/live.ts';
import type { Logger } from '../logger.ts';
import type { OpenCode } from '../opencode/client.ts';
import type { OpenCodeEvent } from '../opencode/events.ts';
import type { OpenCodeError } from '../opencode/message.ts';
import type { Project } from '../projects/projects.ts';
import { createTranscript, type TranscriptServices } from './transcript.ts';

/** The slow look around for a turn's end that no event told of, in ms. */
const LOOK_INTERVAL = 5_000;

/** Reads what each running project's OpenCode tells, keeps the chat and the browsers up to date, and knows who is idle. */
export type Watchers = {
	/** Begins to watch, or goes on watching; a restarted OpenCode is watched anew. */
	watch(project: Project, openCode: OpenCode, sessionId: string): Watch;
	unwatch(projectId: string): void;
	stop(): void;
};

export type Watch = {
	/**
	 * Resolves when the session is idle, asking by itself should no event say so; or, while the provider is tried again,
	 * as soon as that is hopeless, with what OpenCode says of it.
	 */
	untilIdle(signal: AbortSignal, isHopeless: (retrying: Retrying) => boolean): Promise<Retrying | undefined>;
	/** Reads the whole session again, so that nothing an event told, or failed to tell, is missing. */
	refresh(): Promise<void>;
	/** The newest failure that belongs to no message, since the last call. */
	takeError(): OpenCodeError | undefined;
};

/** What OpenCode says while it tries a provider again; `next` is when, in epoch milliseconds. */
export type Retrying = { attempt: number; message: string; next: number };

export type WatchServices = TranscriptServices & { logger: Logger };

export function createWatchers(services: WatchServices): Watchers {
	const watches = new Map<string, { watch: Watch; openCode: OpenCode; sessionId: string; stop(): void }>();
	const unwatch = (projectId: string): void => {
		watches.get(projectId)?.stop();
		watches.delete(projectId);
	};
	return {
		watch(project, openCode, sessionId) {
			const known = watches.get(project.id);
			if (known?.openCode.identity === openCode.identity && known.sessionId === sessionId) return known.watch;
			unwatch(project.id);
			const stopper = new AbortController();
			const watch = startWatch(services, { project, openCode, sessionId }, stopper.signal);
			watches.set(project.id, { watch, openCode, sessionId, stop: () => stopper.abort() });
			return watch;
		},
		unwatch,
		stop: () => [...watches.keys()].forEach(unwatch),
	};
}

type Subject = { project: Project; openCode: OpenCode; sessionId: string };

function startWatch(services: WatchServices, subject: Subject, stopped: AbortSignal): Watch {
	const { project, openCode, sessionId } = subject;
	const transcript = createTranscript(services, project, sessionId);
	const waiting = new Set<() => void>();
	let error: OpenCodeError | undefined;
	const publish = (event: LiveEvent): void =>
		services.live.publish({ userId: project.user_id, projectId: project.id }, event);

	async function follow(): Promise<void> {
		for await (const event of openCode.events(stopped)) {
			if (event.type === 'connected') await transcript.load(await openCode.listMessages(sessionId));
			else if (event.type === 'file.edited') publish({ type: 'project.filesChanged', projectId: project.id });
			else if ('sessionId' in event && event.sessionId !== null && event.sessionId !== sessionId) continue;
			else if (event.type === 'session.error') error = event.error ?? error;
			else await tell(event);
		}
	}

	async function tell(event: OpenCodeEvent): Promise<void> {
		if (event.type === 'session.idle' || isRetry(event)) for (const wake of waiting) wake();
		const status = statusOf(event);
		if (status !== undefined) publish({ type: 'chat.status', projectId: project.id, status });
		await transcript.apply(event);
	}

	follow().catch((cause: unknown) => {
		if (!stopped.aborted)
			services.logger.error({ err: cause, projectId: project.id }, 'A project is not watched any more.');
	});

	return {
		async untilIdle(signal, isHopeless) {
			const either = AbortSignal.any([signal, stopped]);
			for (;;) {
				signal.throwIfAborted();
				const status = await openCode.sessionStatus(sessionId);
				if (status.type === 'idle') return undefined;
				if (status.type === 'retry' && isHopeless(status)) return status;
				await nextLook(waiting, either);
			}
		},
		refresh: async () => transcript.load(await openCode.listMessages(sessionId)),
		takeError() {
			const taken = error;
			error = undefined;
			return taken;
		},
	};
}

/** Until an event says idle, or it is time to look. */
async function nextLook(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
	const done = new AbortController();
	const wake = (): void => done.abort();
	waiting.add(wake);
	signal.addEventListener('abort', wake, { once: true });
	await pause(LOOK_INTERVAL, undefined, { signal: done.signal }).catch((error: Error) => {
		if (error.name !== 'AbortError') throw error;
	});
	signal.removeEventListener('abort', wake);
	waiting.delete(wake);
}

function isRetry(event: OpenCodeEvent): boolean {
	return event.type === 'session.status' && event.status.type === 'retry';
}

/** What the chat says the agent waits for; null when it goes on. */
function statusOf(event: OpenCodeEvent): string | null | undefined {
	if (event.type !== 'session.status') return undefined;
	if (event.status.type !== 'retry') return null;
	const seconds = Math.max(1, Math.round((event.status.next - Date.now()) / 1000));
	return `The provider did not answer. Trying again in ${seconds} s (attempt ${event.status.attempt}).`;
}
