import type { MessageError } from '#shared/chat.ts';
import { recordAudit } from '../audit/audit.ts';
import { getFallback } from '../auth/accounts/fallback.ts';
import type { Person } from '../auth/connectionChanges.ts';
import { findConnection, getConnection } from '../auth/connections.ts';
import { type Db, inTransaction } from '../db/client.ts';
import { AppError } from '../errors.ts';
import { findStandInFor, type StandIn, standInOf } from '../projects/candidates.ts';
import { getProject, type OwnedProject, type Project } from '../projects/projects.ts';
import { clearStandIn, findOwn, findServing, type Serving, setStandIn, unconnected } from '../projects/serving.ts';
import type { ProjectServices } from '../projects/setup.ts';
import { announceProject } from '../projects/views.ts';
import { enqueue, resumeWaiting } from '../queue/enqueue.ts';
import { WaitForCredential } from '../queue/handler.ts';
import { listOpenJobs, PROMPT_JOBS } from '../queue/jobs.ts';
import type { Refusal } from './failures.ts';
import {
	findMessageOfJob,
	getMessage,
	type Message,
	setMessageError,
	setMessageNote,
	toMessageView,
} from './messages.ts';
import { waitingWords } from './waitingWords.ts';

type Refused = { project: Project; message: Message; serving: Serving };

/**
 * A provider did not serve a message. With the person's leave the next connected one stands in for it, and the message
 * may be sent again; else, and once something of an answer was shown, it waits: throws `WaitForCredential`.
 */
export async function goOnOrWait(
	services: ProjectServices,
	{ project: before, message, serving }: Refused,
	{ refusal, shown }: { refusal: Refusal; shown: boolean },
	{ jobId }: { jobId: string },
): Promise<void> {
	const { db } = services;
	const project = await getProject(db, before.id);
	// Somebody else is meant by now, or the refused key has been replaced: that one is asked.
	if (hasMoved(before, project) || (await isOutdated(db, serving))) return;
	const own = await findOwn(db, project);
	const refusedBy = [...(message.note?.refusedBy ?? []), serving.connection?.id ?? ''];
	if (serving.standsIn && !shown && !(own !== undefined && refusedBy.includes(own.id))) {
		// What stood in fails now: its own provider is asked once more before anybody else.
		await setMessageNote(db, message.id, { text: '', refusedBy });
		return clearStandIn(db, project.id);
	}
	const mode = project.fallback ?? (await getFallback(db, project.user_id)).mode;
	const standIn = mode === 'off' ? undefined : await findStandInFor(services, project, refusedBy);
	if (standIn === undefined || shown || mode === 'ask') {
		await setMessageNote(db, message.id, { text: '', refusedBy });
		const subject = { project, message, serving, refusal };
		return wait(services, serving.standsIn && !shown ? await backToOwn(db, subject) : subject, { standIn, jobId });
	}
	const text = `${refusal.message} ${standIn.providerName} (${standIn.modelName}) answers instead.`;
	await inTransaction(db, async (tx) => {
		await setStandIn(tx, project.id, { connectionId: standIn.connectionId, modelId: standIn.modelId });
		await setMessageNote(tx, message.id, { text, refusedBy });
		const detail = { from: serving.providerId, to: standIn.providerId, model: standIn.modelId, reason: refusal.reason };
		const { connectionId } = standIn;
		await recordAudit(tx, { ...auditOf(project, jobId), action: 'credential.fallback', connectionId, detail });
	});
	await publishMessage(services, project, message.id, null);
	await announceProject(services, project.id);
}

function hasMoved(before: Project, now: Project): boolean {
	return (
		before.current_model_provider_id !== now.current_model_provider_id ||
		before.current_model_id !== now.current_model_id ||
		before.fallback_connection_id !== now.fallback_connection_id
	);
}

async function isOutdated(db: Db, { connection }: Serving): Promise<boolean> {
	return connection !== undefined && (await findConnection(db, connection.id))?.version !== connection.version;
}

/**
 * A person lets another connection answer the messages of a project that wait: the named one, or the next in order.
 * Throws `AppError('conflict')` when there is none that could.
 */
export async function continueWith(
	services: ProjectServices,
	project: OwnedProject,
	person: Person,
	connectionId?: string,
): Promise<StandIn> {
	const { db } = services;
	const waiting = (await listOpenJobs(db, project.id, PROMPT_JOBS)).filter(({ state }) => state !== 'running');
	const message = waiting[0] && (await findMessageOfJob(db, waiting[0]));
	const standIn =
		connectionId === undefined
			? await findStandInFor(services, project, message?.note?.refusedBy ?? [])
			: await standInOf(services, project, await getConnection(db, person.id, connectionId));
	if (standIn === undefined)
		throw new AppError('conflict', 'No other connection has a model that can build a site. Connect one in Settings.');
	const { providerName, modelName, providerId, modelId } = standIn;
	await inTransaction(db, async (tx) => {
		await setStandIn(tx, project.id, standIn);
		if (message !== undefined) {
			const text = `Continued with ${providerName} (${modelName}), as you chose.`;
			await setMessageNote(tx, message.id, { text, refusedBy: [] });
		}
		const subject = { userId: person.id, projectId: project.id, connectionId: standIn.connectionId };
		const detail = { from: project.current_model_provider_id, to: providerId, model: modelId };
		await recordAudit(tx, { actor: person.actor, action: 'credential.fallback', ...subject, detail });
		await resumeWaiting(tx, { projectId: project.id });
	});
	await announceProject(services, project.id);
	return standIn;
}

/** A person wants the project's own provider back, whether it is known to work or not. */
export async function returnToOwn(services: ProjectServices, project: OwnedProject, person: Person): Promise<void> {
	await inTransaction(services.db, async (tx) => {
		await clearStandIn(tx, project.id);
		const detail = { providerId: project.current_model_provider_id };
		const subject = { userId: person.id, projectId: project.id };
		await recordAudit(tx, { actor: person.actor, action: 'credential.returned', ...subject, detail });
		await resumeWaiting(tx, { projectId: project.id });
		const job = { payload: { projectId: project.id }, projectId: project.id, userId: person.id };
		await enqueue(tx, { type: 'credentials.deliver', ...job });
	});
	await announceProject(services, project.id);
}

/** Writes how a message stands, and tells the open pages. */
export async function publishMessage(
	services: Pick<ProjectServices, 'db' | 'live'>,
	project: Project,
	messageId: string,
	error: MessageError | null,
): Promise<void> {
	await setMessageError(services.db, messageId, error);
	const message = toMessageView(await getMessage(services.db, messageId));
	services.live.publish(
		{ userId: project.user_id, projectId: project.id },
		{ type: 'message.changed', projectId: project.id, message },
	);
}

type Waiting = Refused & { refusal: Refusal };

/** When nobody else answers either, a message waits for the project's own provider. */
async function backToOwn(db: Db, waiting: Waiting): Promise<Waiting> {
	const { project } = waiting;
	await clearStandIn(db, project.id);
	const serving = await findServing(db, { ...project, fallback_connection_id: null });
	const own = serving.connection;
	const message = own?.error_message ?? `${serving.providerId ?? 'The provider'} is not connected.`;
	const refusal = { reason: own?.reason ?? 'disconnected', message, retryAt: own?.retry_at ?? null };
	return { ...waiting, serving, refusal };
}

async function wait(
	services: ProjectServices,
	{ project, message, serving, refusal }: Waiting,
	{ standIn, jobId }: { standIn: StandIn | undefined; jobId: string },
): Promise<never> {
	const connectionId = serving.connection?.id;
	const error: MessageError = {
		kind: 'waiting',
		message: waitingWords(refusal, standIn?.providerName),
		reason: refusal.reason,
		...(connectionId !== undefined && { connectionId }),
		...(refusal.retryAt !== null && { retryAt: new Date(refusal.retryAt).toISOString() }),
		...(standIn !== undefined && {
			offer: {
				connectionId: standIn.connectionId,
				providerName: standIn.providerName,
				modelName: standIn.modelName,
			},
		}),
	};
	await recordAudit(services.db, {
		...auditOf(project, jobId),
		action: 'credential.parked',
		...(connectionId !== undefined && { connectionId }),
		detail: { providerId: serving.providerId, reason: refusal.reason },
	});
	await publishMessage(services, project, message.id, error);
	throw new WaitForCredential(connectionId ?? unconnected(project, serving.providerId), error.message);
}

function auditOf(project: Project, jobId: string) {
	return { actor: 'doce' as const, userId: project.user_id, projectId: project.id, jobId };
}
