import type { MessageError } from '#shared/chat.ts';
import { recordAudit } from '../audit/audit.ts';
import { markConnectionUsed } from '../auth/connections.ts';
import { confirmRefusal } from '../auth/refresh/refusal.ts';
import { isOver } from '../auth/refresh/renew.ts';
import { reportStatus } from '../auth/status.ts';
import { AppError } from '../errors.ts';
import type { OpenCode } from '../opencode/client.ts';
import { removeEchoes } from '../projects/credentials/echoes.ts';
import { isAllowed, refusalWords } from '../projects/credentials/sealedOnly.ts';
import { getProject, type Project, setProjectStatus, touchProject } from '../projects/projects.ts';
import { clearStandIn, findServing, type Serving } from '../projects/serving.ts';
import { BUSY_DELAY, BUSY_WORDS, makeReady, type ProjectServices } from '../projects/setup.ts';
import { announceConnection, announceProject } from '../projects/views.ts';
import { RetryLater } from '../queue/handler.ts';
import { type Asked, answersTo, type Ending, isComplete, waitForEnding } from './answer.ts';
import { noteDirectUse, noteInterruptedUse } from './budget/directUse.ts';
import { settleBudgets, stopByBudget } from './budget/overBudget.ts';
import { describeFailure, type Refusal } from './failures.ts';
import type { Gate } from './gate.ts';
import { ensureOpenCodeIds, getMessage, type Message, setMessageNote } from './messages.ts';
import { goOnOrWait, publishMessage } from './refused.ts';
import type { TranscriptServices } from './transcript.ts';
import type { Watchers } from './watcher.ts';

/** A turn that takes longer is given up, in ms: OpenCode itself would wait for an hour if a provider says so. */
const TURN_DEADLINE = 30 * 60_000;

export type TurnServices = ProjectServices & TranscriptServices & { gate: Gate; watchers: Watchers };

export type TurnContext = {
	jobId: string;
	signal: AbortSignal;
	log(message: string): Promise<void>;
	/** Waits for the model without keeping other projects from their turn. */
	withoutSlot<T>(wait: () => Promise<T>): Promise<T>;
};

/**
 * Sends a person's message and waits until the agent has ended its turn. Repeated after a crash it takes up where it
 * was: the message is sent once. A provider that does not serve is replaced, if the person allows it and another one
 * is connected; else `WaitForCredential` parks the job. Throws `AppError` with words for the person when the agent did
 * not get through.
 */
export async function runTurn(
	services: TurnServices,
	projectId: string,
	message: Message,
	context: TurnContext,
): Promise<void> {
	await takeUp(services, projectId, message, context);
	let isRenewed = false;
	for (;;) {
		const current = await getMessage(services.db, message.id);
		const turn = await openOrTell(services, projectId, current, context);
		const first =
			'refusal' in turn
				? refusedBeforehand(turn.refusal)
				: await settleBudgets(services, turn, await take(services, turn, context));
		const confirmed = turn.asks ? await confirmEnding(services, turn, first) : first;
		// New tokens are tried once: a provider that refuses fresh ones would have them renewed without end.
		if (confirmed === 'renewed' && !isRenewed) {
			isRenewed = true;
			continue;
		}
		const ending = confirmed === 'renewed' ? first : confirmed;
		if (turn.asks) await report(services, turn, ending, context.jobId);
		if (ending.kind === 'answered') return forgetNote(services, turn);
		if (ending.kind === 'failed') return fail(services, turn, ending);
		await goOnOrWait(services, { ...turn, message: await getMessage(services.db, message.id) }, ending, context);
		await context.log('Asking again');
	}
}

/** A refused token may be stale while its sign-in is in order: new ones are asked for before that is called expired. */
async function confirmEnding(
	services: TurnServices,
	{ serving }: Opening,
	ending: Ending,
): Promise<Ending | 'renewed'> {
	const { connection } = serving;
	if (ending.kind !== 'refused' || ending.refusal.reason !== 'sign_in_expired' || connection === undefined)
		return ending;
	const meaning = await confirmRefusal(services, connection);
	if (meaning === 'renewed') return 'renewed';
	if (meaning === 'ended') return ending;
	return { ...ending, refusal: { ...ending.refusal, reason: 'unreachable' } };
}

/** A message that waited is taken up anew: everybody may be asked again. */
async function takeUp(
	{ db }: TurnServices,
	projectId: string,
	{ id, note, error }: Message,
	{ jobId }: TurnContext,
): Promise<void> {
	await setMessageNote(db, id, note && { ...note, refusedBy: [] });
	if (error?.kind !== 'waiting') return;
	const { user_id: userId } = await getProject(db, projectId);
	const connection = error.connectionId === undefined ? {} : { connectionId: error.connectionId };
	const detail = { waitedFor: error.reason ?? null };
	await recordAudit(db, {
		actor: 'doce',
		userId,
		action: 'credential.resumed',
		projectId,
		jobId,
		...connection,
		detail,
	});
}

/** That another one answered is not said of an answer by the project's own provider. */
async function forgetNote({ db, live }: TurnServices, { project, message, serving }: Opening): Promise<void> {
	const { note } = await getMessage(db, message.id);
	if (serving.standsIn || !note?.text || note.stays) return;
	await setMessageNote(db, message.id, null);
	await publishMessage({ db, live }, project, message.id, null);
}

/** What keeps a message from being sent is said at the message; a stand-in that is to blame ends. */
async function openOrTell(
	services: TurnServices,
	projectId: string,
	message: Message,
	context: TurnContext,
): Promise<Opened> {
	try {
		return await services.gate.exclusive(projectId, () => open(services, projectId, message, context));
	} catch (error) {
		if (!(error instanceof AppError)) throw error;
		const project = await getProject(services.db, projectId);
		if (project.fallback_connection_id === null) {
			await publishMessage(services, project, message.id, { kind: 'provider', message: error.message });
			throw error;
		}
		await clearStandIn(services.db, projectId);
		return openOrTell(services, projectId, message, context);
	}
}

/** Who answers a message, in which project. */
type Opening = { project: Project; message: Message; serving: Serving; askedAt: number };
/** `asks`: whether the provider is asked, or was just now, so that what comes of it says something of it. */
type Opened = (Turn & { asks: boolean }) | (Opening & { refusal: Refusal; asks: boolean });
type Turn = Opening & Asked & { openCode: OpenCode; deadline: AbortSignal };

async function open(
	services: TurnServices,
	projectId: string,
	message: Message,
	{ jobId, signal }: TurnContext,
): Promise<Opened> {
	const project = await getProject(services.db, projectId);
	const before = await findServing(services.db, project);
	const { openCode, sessionId, isRefreshed } = await makeReady(services, project, { signal, jobId });
	const serving = await asDelivered(services, project, before);
	await markRunning(services, project);
	const watch = services.watchers.watch(project, openCode, sessionId);
	const { messageId, partId } = await ensureOpenCodeIds(services.db, message);
	const answers = answersTo(messageId, await openCode.listMessages(sessionId));
	const isAnswered = answers.some(({ message: answer }) => isComplete(answer));
	const isUnderWay = !isAnswered && answers.length > 0 && (await openCode.busySessions()).includes(sessionId);
	const isAsked = isAnswered || isUnderWay;
	const failures = await services.failureContext(project);
	const opening = { project, message, serving, askedAt: Date.now() };
	const refusal = isAsked
		? undefined
		: ((await stopByBudget(services.db, opening)) ?? refuseBeforehand(project, serving, failures.providerName));
	if (refusal !== undefined) return { ...opening, refusal, asks: false };
	// It works on something else, and does not know yet whom to ask.
	if (!isAsked && !isRefreshed) throw new RetryLater(BUSY_DELAY, BUSY_WORDS);
	const dead = new Set(isAsked ? [] : answers.map(({ message: answer }) => answer.id));
	const deadline = AbortSignal.timeout(TURN_DEADLINE);
	const turn = { ...opening, openCode, sessionId, watch, messageId, dead, context: failures, deadline };
	if (!isAsked) await send(services, turn, partId);
	return { ...turn, asks: !isAnswered };
}

/** The row may have been renewed on the way; one that was replaced is not what was delivered. */
async function asDelivered({ db }: TurnServices, project: Project, before: Serving): Promise<Serving> {
	const now = await findServing(db, project);
	const isSame = now.connection?.id === before.connection?.id && now.connection?.version === before.connection?.version;
	return isSame ? now : before;
}

async function send(services: TurnServices, turn: Turn, partId: string): Promise<void> {
	const { project, message, serving, openCode, sessionId, messageId } = turn;
	if (message.error !== null) await publishMessage(services, project, message.id, null);
	turn.watch.takeError();
	await touchProject(services.db, project.id);
	services.fresh.delete(openCode.identity);
	const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
	const model = { providerId: serving.providerId ?? '', modelId: serving.modelId ?? '' };
	await openCode.sendPrompt({ sessionId, messageId, partId, text, ...model });
}

/** What is known before a provider is asked: one that said when to come back is not asked before that. */
function refuseBeforehand(project: Project, serving: Serving, providerName: string): Refusal | undefined {
	const { connection, providerId } = serving;
	if (connection === undefined)
		return { reason: 'disconnected', message: `${providerName} is not connected.`, retryAt: null };
	if (!isAllowed(project, connection)) return { reason: 'disconnected', ...refusalWords(providerName), retryAt: null };
	if (connection.status === 'expired')
		return { reason: 'sign_in_expired', message: `The sign-in to ${providerName} has ended.`, retryAt: null };
	if (connection.sealed_credential === null && providerId !== null)
		return { reason: 'disconnected', message: `${providerName} has no key any more.`, retryAt: null };
	if (connection.reason === 'unreachable' && isOver(connection, Date.now()))
		return {
			reason: 'unreachable',
			message: connection.error_message ?? `${providerName} cannot be reached.`,
			retryAt: null,
		};
	const retryAt = connection.reason === 'rate_limited' ? (connection.retry_at ?? 0) : 0;
	if (retryAt <= Date.now()) return undefined;
	return { reason: 'rate_limited', message: `${providerName} is limiting requests.`, retryAt };
}

function refusedBeforehand(refusal: Refusal): Ending {
	return { kind: 'refused', refusal, shown: false };
}

async function take(services: TurnServices, turn: Turn, context: TurnContext): Promise<Ending> {
	await context.log('Sent to the agent');
	const { signal } = context;
	const either = AbortSignal.any([signal, turn.deadline]);
	try {
		const ending = await context.withoutSlot(() => waitForEnding(turn, either));
		await turn.watch.refresh();
		await noteDirectUse(services.db, turn);
		// OpenCode keeps a refusal as it came, and some providers repeat the whole key in it.
		if (ending.kind !== 'answered') await removeEchoes(services, turn.project.id);
		return ending;
	} catch (error) {
		if (!either.aborted) throw error;
		return interrupt(services, turn, signal);
	}
}

/** The job was cancelled, the turn took too long, or doce stops: in that last case OpenCode's work goes on or is resumed. */
async function interrupt(services: TurnServices, turn: Turn, signal: AbortSignal): Promise<never> {
	const isShutdown = signal.aborted && (signal.reason as { why?: string } | undefined)?.why !== 'cancel';
	if (isShutdown) {
		await noteInterruptedUse(services, turn, { waits: false });
		throw signal.reason;
	}
	await turn.openCode.abort(turn.sessionId);
	await noteInterruptedUse(services, turn, { waits: true });
	await turn.watch.refresh();
	const words = signal.aborted
		? 'Stopped.'
		: 'The agent took longer than 30 minutes and was stopped. Try a smaller step.';
	await publishMessage(services, turn.project, turn.message.id, { kind: 'cancelled', message: words });
	throw signal.aborted ? signal.reason : new AppError('unavailable', words);
}

/** Lets the connection's row, and the audit trail, tell what its use has shown. */
async function report(
	services: TurnServices,
	{ project, serving, askedAt }: Opening,
	ending: Ending,
	jobId: string,
): Promise<void> {
	const { db } = services;
	const { connection } = serving;
	if (connection === undefined) return;
	await markConnectionUsed(db, connection.id);
	const detail = { providerId: connection.provider_id, model: serving.modelId, outcome: ending.kind };
	const subject = { userId: project.user_id, connectionId: connection.id, projectId: project.id, jobId };
	await recordAudit(db, { actor: 'doce', action: 'credential.used', ...subject, detail });
	if (ending.kind === 'failed') return;
	const refusal = ending.kind === 'refused' ? ending.refusal : undefined;
	// A budget says nothing of the connection.
	if (refusal?.reason === 'over_budget') return announceConnection(services, connection.id);
	const trouble = refusal && { ...refusal, projectId: project.id };
	const changed = await reportStatus(db, connection, trouble, { by: 'use', askedAt });
	await announceConnection(services, connection.id);
	if (changed) await announceProject(services, project.id);
}

async function fail(services: TurnServices, turn: Opening, ending: Ending & { kind: 'failed' }): Promise<never> {
	const failure: MessageError = describeFailure(ending.error, await services.failureContext(turn.project));
	await publishMessage(services, turn.project, turn.message.id, failure);
	throw new AppError('unavailable', failure.message);
}

/** A project that was stopped, or failed to start, has been started for its message. */
async function markRunning(services: TurnServices, project: Project): Promise<void> {
	if (project.status === 'running') return;
	await setProjectStatus(services.db, project.id, 'running');
	await announceProject(services, project.id);
}
