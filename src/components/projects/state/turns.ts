import type { JobView } from '#shared/queue.ts';
import type { ShownMessage } from './chatState.ts';

/** A message with what the chat says under it. */
export type TurnMessage = {
	message: ShownMessage;
	/** The job that works on the turn this message belongs to, when it is known. */
	job: JobView | undefined;
	/** The message whose error, if any, is said under this one: a turn's outcome is said once, after all that came of it. */
	outcome: ShownMessage | null;
};

/** The messages turn by turn: what a person said, and the answers up to what they said next. */
export function toTurns(messages: ShownMessage[], jobs: JobView[]): TurnMessage[] {
	const starts = messages.flatMap((message, at) => (message.role === 'user' ? [at] : []));
	const bounds = [...new Set([0, ...starts])];
	return bounds.flatMap((start, at) => {
		const turn = messages.slice(start, bounds[at + 1]);
		const job = turn[0] === undefined ? undefined : jobOf(turn[0], start === 0, jobs);
		const last = turn.at(-1);
		const told = turn[0]?.error === undefined && last?.error !== undefined ? last : turn[0];
		const place = told?.error === undefined ? 0 : turn.length - 1;
		return turn.map((message, at) => ({ message, job, outcome: at === place ? (told ?? null) : null }));
	});
}

/** The first prompt is sent by the setup's own job, which its message does not name. */
function jobOf(message: ShownMessage, isFirst: boolean, jobs: JobView[]): JobView | undefined {
	if (message.role !== 'user' || message.sending) return undefined;
	if (message.jobId !== null) return jobs.find((job) => job.id === message.jobId);
	return isFirst ? jobs.find((job) => job.type === 'opencode.sendInitialPrompt') : undefined;
}
