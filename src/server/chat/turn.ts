import { setTimeout as pause } from 'node:timers/promises';
import type { MessageError } from '#shared/chat.ts';
import { reportUse } from '../auth/connections.ts';
import { AppError } from '../errors.ts';
import type { Live } from '../live/live.ts';
import type { OpenCode, TranscriptEntry } from '../opencode/client.ts';
import type { OpenCodeError, OpenCodeMessage } from '../opencode/message.ts';
import { findConnectionOf } from '../projects/delivery.ts';
import { getProject, type Project, touchProject } from '../projects/projects.ts';
import { makeReady, type ProjectServices } from '../projects/setup.ts';
import { announceConnection, announceProject } from '../projects/views.ts';
import { describeFailure, reasonOf } from './failures.ts';
import type { Gate } from './gate.ts';
import { ensureOpenCodeIds, type Message, setMessageError, toMessageView } from './messages.ts';
import type { Watch, Watchers } from './watcher.ts';

/** A turn that takes longer is given up, in ms: OpenCode itself would wait for an hour if a provider says so. */
const TURN_DEADLINE = 30 * 60_000;
/** How long an accepted message may stay without any answer while OpenCode is idle, in ms. */
const ANSWER_GRACE = 15_000;
const LOOK_INTERVAL = 150;

export type TurnServices = ProjectServices & {
	live: Live;
	gate: Gate;
	watchers: Watchers;
	providerName(project: Project): Promise<string>;
};

export type TurnContext = {
	jobId: string;
	signal: AbortSignal;
	log(message: string): Promise<void>;
	/** Waits for the model without keeping other projects from their turn. */
	withoutSlot<T>(wait: () => Promise<T>): Promise<T>;
};

/**
 * Sends a person's message and waits until the agent has ended its turn. Repeated after a crash it takes up where it
 * was: the message is sent once. Throws `AppError` with words for the person when the agent did not get through.
 */
export async function runTurn(
	services: TurnServices,
	projectId: string,
	message: Message,
	context: TurnContext,
): Promise<void> {
	const { jobId, signal } = context;
	const turn = await services.gate.exclusive(projectId, async () => {
		const project = await getProject(services.db, projectId);
		const { openCode, sessionId } = await makeReady(services, project, { signal, jobId });
		const watch = services.watchers.watch(project, openCode, sessionId);
		return begin(services, { project, openCode, sessionId, watch, message });
	});
	await context.log('Sent to the agent');
	try {
		const answer = await context.withoutSlot(() => waitForAnswer(turn, AbortSignal.any([signal, turn.deadline])));
		await turn.watch.refresh();
		await conclude(services, turn, answer);
	} catch (error) {
		if (!signal.aborted && !turn.deadline.aborted) throw error;
		await interrupt(services, turn, signal);
	}
}

type Opening = { project: Project; openCode: OpenCode; sessionId: string; watch: Watch; message: Message };
/** `failed` are the answers of earlier tries: they end nothing any more. */
type Turn = Opening & { messageId: string; failed: Set<string>; deadline: AbortSignal };

async function begin(services: TurnServices, opening: Opening): Promise<Turn> {
	const { project, openCode, sessionId, watch, message } = opening;
	const { messageId, partId } = await ensureOpenCodeIds(services.db, message);
	const answers = answersTo(messageId, await openCode.listMessages(sessionId));
	const failed = answers.filter(({ error }) => error !== null).map(({ id }) => id);
	const turn = { ...opening, messageId, failed: new Set(failed), deadline: AbortSignal.timeout(TURN_DEADLINE) };
	const isUnderWay = answers.length > failed.length && (await openCode.busySessions()).includes(sessionId);
	if (isUnderWay || answers.some(isComplete)) return turn;
	if (message.error !== null) await publishError(services, turn, null);
	watch.takeError();
	await touchProject(services.db, project.id);
	const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
	const providerId = project.current_model_provider_id ?? '';
	const modelId = project.current_model_id ?? '';
	await openCode.sendPrompt({ sessionId, messageId, partId, text, providerId, modelId });
	return turn;
}

type Answer = { error: OpenCodeError | undefined; fromMessage: boolean };

async function waitForAnswer(turn: Turn, signal: AbortSignal): Promise<Answer> {
	const { openCode, sessionId, watch, messageId, failed } = turn;
	const patience = Date.now() + ANSWER_GRACE;
	for (;;) {
		await watch.untilIdle(signal);
		const answers = answersTo(messageId, await openCode.listMessages(sessionId)).filter(({ id }) => !failed.has(id));
		const last = answers.at(-1);
		if (last !== undefined && (isComplete(last) || last.error !== null))
			return { error: last.error ?? undefined, fromMessage: true };
		const error = watch.takeError();
		if (error !== undefined) return { error, fromMessage: false };
		if (Date.now() > patience)
			return { error: { name: 'NoAnswer', message: 'it gave no answer', statusCode: undefined }, fromMessage: false };
		await pause(LOOK_INTERVAL, undefined, { signal });
	}
}

async function conclude(services: TurnServices, turn: Turn, { error, fromMessage }: Answer): Promise<void> {
	const failure = error === undefined ? undefined : describeFailure(error, await services.providerName(turn.project));
	await reportConnection(services, turn.project, error, failure);
	if (failure === undefined) return;
	// A failed answer shows its own error; without one the person's message does.
	if (!fromMessage) await publishError(services, turn, failure);
	throw new AppError('unavailable', failure.message);
}

/** The job was cancelled, the turn took too long, or doce stops: in that last case OpenCode's work goes on or is resumed. */
async function interrupt(services: TurnServices, turn: Turn, signal: AbortSignal): Promise<never> {
	const isShutdown = signal.aborted && (signal.reason as { why?: string } | undefined)?.why !== 'cancel';
	if (isShutdown) throw signal.reason;
	await turn.openCode.abort(turn.sessionId);
	await turn.watch.refresh();
	const words = signal.aborted
		? 'Stopped.'
		: 'The agent took longer than 30 minutes and was stopped. Try a smaller step.';
	await publishError(services, turn, { kind: 'cancelled', message: words });
	throw signal.aborted ? signal.reason : new AppError('unavailable', words);
}

async function reportConnection(
	services: TurnServices,
	project: Project,
	error: OpenCodeError | undefined,
	failure: MessageError | undefined,
): Promise<void> {
	const reason = error === undefined ? undefined : reasonOf(error);
	if (error !== undefined && reason === undefined) return;
	const connection = await findConnectionOf(services.db, project);
	if (connection === undefined) return;
	const refusal = reason === undefined || failure === undefined ? undefined : { reason, message: failure.message };
	if (!(await reportUse(services.db, connection, refusal))) return;
	await announceConnection(services, connection.id);
	await announceProject(services, project.id);
}

async function publishError(
	services: TurnServices,
	{ project, message }: Opening,
	error: MessageError | null,
): Promise<void> {
	const changed = await setMessageError(services.db, message.id, error);
	services.live.publish(
		{ userId: project.user_id, projectId: project.id },
		{ type: 'message.changed', projectId: project.id, message: toMessageView(changed) },
	);
}

type AgentMessage = OpenCodeMessage & { role: 'assistant' };

function answersTo(messageId: string, entries: TranscriptEntry[]): AgentMessage[] {
	return entries.flatMap(({ message }) =>
		message.role === 'assistant' && message.parentId === messageId ? message : [],
	);
}

/** A model that asked for tools goes on after them. */
function isComplete({ completedAt, error, finish }: AgentMessage): boolean {
	return completedAt !== null && error === null && finish !== null && finish !== 'tool-calls';
}
