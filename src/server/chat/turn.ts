import type { MessageError } from '#shared/chat.ts';
import { markConnectionUsed } from '../auth/connections.ts';
import { reportStatus } from '../auth/status.ts';
import { AppError } from '../errors.ts';
import type { OpenCode } from '../opencode/client.ts';
import { removeEchoes } from '../opencode/echoes.ts';
import { readStoredSecrets } from '../opencode/server.ts';
import { isAllowed, refusalWords } from '../projects/credentials/sealedOnly.ts';
import { projectPaths } from '../projects/paths.ts';
import { getProject, type Project, setProjectStatus, touchProject } from '../projects/projects.ts';
import { findServing, type Serving } from '../projects/serving.ts';
import { makeReady, type ProjectServices } from '../projects/setup.ts';
import { announceConnection, announceProject } from '../projects/views.ts';
import { type Asked, answersTo, type Ending, isComplete, waitForEnding } from './answer.ts';
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
	await setMessageNote(services.db, message.id, message.note && { ...message.note, refusedBy: [] });
	for (;;) {
		const current = await getMessage(services.db, message.id);
		const turn = await services.gate.exclusive(projectId, () => open(services, projectId, current, context));
		const ending = 'refusal' in turn ? refusedBeforehand(turn.refusal) : await take(services, turn, context);
		await report(services, turn, ending);
		if (ending.kind === 'answered') return;
		if (ending.kind === 'failed') return fail(services, turn, ending);
		await goOnOrWait(services, { ...turn, message: await getMessage(services.db, message.id) }, ending, context);
		await context.log('Going on with another provider');
	}
}

/** Who answers a message, in which project. */
type Opening = { project: Project; message: Message; serving: Serving };
type Turn = Opening & Asked & { openCode: OpenCode; deadline: AbortSignal };

async function open(
	services: TurnServices,
	projectId: string,
	message: Message,
	{ jobId, signal }: TurnContext,
): Promise<Turn | (Opening & { refusal: Refusal })> {
	const project = await getProject(services.db, projectId);
	const serving = await findServing(services.db, project);
	const { openCode, sessionId } = await makeReady(services, project, { signal, jobId });
	await markRunning(services, project);
	const watch = services.watchers.watch(project, openCode, sessionId);
	const { messageId, partId } = await ensureOpenCodeIds(services.db, message);
	const answers = answersTo(messageId, await openCode.listMessages(sessionId));
	const isBusy = (await openCode.busySessions()).includes(sessionId);
	const isUnderWay = answers.some(({ message: answer }) => isComplete(answer)) || (isBusy && answers.length > 0);
	const dead = new Set(isUnderWay ? [] : answers.map(({ message: answer }) => answer.id));
	const failures = await services.failureContext(project);
	const refusal = isUnderWay ? undefined : refuseBeforehand(project, serving, failures.providerName);
	if (refusal !== undefined) return { project, message, serving, refusal };
	const deadline = AbortSignal.timeout(TURN_DEADLINE);
	const turn = { project, message, serving, openCode, sessionId, watch, messageId, dead, context: failures, deadline };
	if (!isUnderWay) await send(services, turn, partId);
	return turn;
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
		if (ending.kind !== 'answered') await forgetEchoes(services, turn.project);
		return ending;
	} catch (error) {
		if (!either.aborted) throw error;
		return interrupt(services, turn, signal);
	}
}

/** OpenCode keeps a refusal as it came, and some providers repeat the whole key in it. */
async function forgetEchoes({ dataDir }: TurnServices, project: Project): Promise<void> {
	const { home } = projectPaths(dataDir, project.id);
	await removeEchoes(home, await readStoredSecrets(home));
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
	await publishMessage(services, turn.project, turn.message.id, { kind: 'cancelled', message: words });
	throw signal.aborted ? signal.reason : new AppError('unavailable', words);
}

/** Lets the connection's row tell what its use has shown. */
async function report(services: TurnServices, { project, serving }: Opening, ending: Ending): Promise<void> {
	const { connection } = serving;
	if (connection === undefined || ending.kind === 'failed') return;
	const isKnown = ending.kind === 'refused' && ['disconnected'].includes(ending.refusal.reason);
	if (isKnown) return;
	if (ending.kind === 'answered') await markConnectionUsed(services.db, connection.id);
	const trouble = ending.kind === 'answered' ? undefined : { ...ending.refusal, projectId: project.id };
	const changed = await reportStatus(services.db, connection, trouble);
	if (changed || ending.kind === 'answered') await announceConnection(services, connection.id);
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
