import type { JobView } from '#shared/queue.ts';
import type { ShownMessage } from './chatState.ts';

/** A message with what the chat says under it. */
export type TurnMessage = {
	message: ShownMessage;
	/** The job that works on the turn this message belongs to, when it is known. */
	job: JobView | undefined;
	/** Whether this is where the turn's outcome is said: once, after all that came of it. */
	saysOutcome: boolean;
};

/** The messages turn by turn: what a person said, and the answers up to what they said next. */
export function toTurns(messages: ShownMessage[], jobs: JobView[]): TurnMessage[] {
	const starts = messages.flatMap((message, at) => (message.role === 'user' ? [at] : []));
	const bounds = [...new Set([0, ...starts])];
	return bounds.flatMap((start, at) => {
		const turn = messages.slice(start, bounds[at + 1]);
		const job = turn[0] === undefined ? undefined : jobOf(turn[0], start === 0, jobs);
		const failed = turn.findLastIndex((message) => message.role === 'assistant' && message.error !== undefined);
		return turn.map((message, place) => ({ message, job, saysOutcome: place === Math.max(failed, 0) }));
	});
}

/** The first prompt is sent by the setup's own job, which its message does not name. */
function jobOf(message: ShownMessage, isFirst: boolean, jobs: JobView[]): JobView | undefined {
	if (message.role !== 'user' || message.sending) return undefined;
	if (message.jobId !== null) return jobs.find((job) => job.id === message.jobId);
	return isFirst ? jobs.find((job) => job.type === 'opencode.sendInitialPrompt') : undefined;
}
