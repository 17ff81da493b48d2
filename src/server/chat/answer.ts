import { setTimeout as pause } from 'node:timers/promises';
import type { OpenCode, TranscriptEntry } from '../opencode/client.ts';
import { partIdOf } from '../opencode/ids.ts';
import type { OpenCodeError, OpenCodeMessage, OpenCodePart } from '../opencode/message.ts';
import { type FailureContext, type Refusal, refusalOf, refusalWhileTrying } from './failures.ts';
import type { Retrying, Watch } from './watcher.ts';

/** How long an accepted message may stay without any answer while OpenCode is idle, in ms. */
const ANSWER_GRACE = 15_000;
const LOOK_INTERVAL = 150;
/** A provider that asks for a longer wait than this is not waited for, in ms. */
const LONGEST_WAIT = 120_000;
/** So many times OpenCode may find the provider away before it is not waited for. */
const MOST_MISSES = 2;

/** A message that OpenCode works on. */
export type Asked = {
	openCode: OpenCode;
	sessionId: string;
	watch: Watch;
	messageId: string;
	/** The answers, or attempts at one, of earlier tries: they end nothing any more. */
	dead: ReadonlySet<string>;
	context: FailureContext;
};

/** How a turn ended. `shown`: whether anything of an answer can be seen. */
export type Ending =
	| { kind: 'answered' }
	| { kind: 'refused'; refusal: Refusal; shown: boolean }
	| { kind: 'failed'; error: OpenCodeError; shown: boolean };

/** Waits until the agent has ended its turn, or until it is plain that the provider will not serve. */
export async function waitForEnding(asked: Asked, signal: AbortSignal): Promise<Ending> {
	const { openCode, sessionId, watch, context } = asked;
	let patience = Date.now() + ANSWER_GRACE;
	for (;;) {
		const stuck = await watch.untilIdle(signal, isHopeless);
		const answers = answersTo(asked.messageId, await openCode.listMessages(sessionId));
		const shown = answers.some(isShown);
		if (stuck !== undefined) {
			await openCode.abort(sessionId);
			return { kind: 'refused', refusal: refusalWhileTrying(stuck, context), shown };
		}
		const last = answers.filter(({ message }) => !asked.dead.has(message.id)).at(-1)?.message;
		if (last !== undefined && isComplete(last)) return { kind: 'answered' };
		const error = last?.error ?? watch.takeError();
		if (error != null) return endingOf(error, context, shown);
		if (Date.now() > patience) return { kind: 'failed', error: NO_ANSWER, shown };
		if ((await openCode.busySessions()).includes(sessionId)) patience = Date.now() + ANSWER_GRACE;
		else await pause(LOOK_INTERVAL, undefined, { signal });
	}
}

export type Answer = { message: OpenCodeMessage & { role: 'assistant' }; parts: OpenCodePart[] };

/** What the agent wrote after a message of ours, up to our next: also what follows a summary that OpenCode made itself. */
export function answersTo(messageId: string, entries: readonly TranscriptEntry[]): Answer[] {
	const start = entries.findIndex(({ message }) => message.id === messageId);
	if (start === -1) return [];
	const rest = entries.slice(start + 1);
	const next = rest.findIndex(isOurs);
	return rest
		.slice(0, next === -1 ? rest.length : next)
		.flatMap(({ message, parts }) => (message.role === 'assistant' ? [{ message, parts }] : []));
}

/** A model that asked for tools goes on after them. */
export function isComplete({ completedAt, error, finish }: Answer['message']): boolean {
	return completedAt !== null && error === null && finish !== null && finish !== 'tool-calls';
}

const NO_ANSWER: OpenCodeError = { name: 'NoAnswer', message: 'it gave no answer', statusCode: undefined };

function isOurs({ message, parts }: TranscriptEntry): boolean {
	return message.role === 'user' && parts.some(({ id }) => id === partIdOf(message.id));
}

function isShown({ parts }: Answer): boolean {
	return parts.some((part) => part.type === 'tool' || (part.type === 'text' && part.text.trim() !== ''));
}

function isHopeless({ attempt, message, next }: Retrying): boolean {
	if (next - Date.now() > LONGEST_WAIT) return true;
	const { reason } = refusalWhileTrying({ message, next }, NOBODY);
	return reason === 'out_of_credit' || (reason === 'unreachable' && attempt > MOST_MISSES);
}

const NOBODY: FailureContext = { providerName: '', secrets: [], signedIn: false };

function endingOf(error: OpenCodeError, context: FailureContext, shown: boolean): Ending {
	const refusal = refusalOf(error, context);
	return refusal === undefined ? { kind: 'failed', error, shown } : { kind: 'refused', refusal, shown };
}
