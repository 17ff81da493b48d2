import { recordAudit } from '../../audit/audit.ts';
import { getFallback } from '../../auth/accounts/fallback.ts';
import { type ConnectionRow, findConnection, listConnections } from '../../auth/connections.ts';
import { type Db, inTransaction } from '../../db/client.ts';
import type { Live } from '../../live/live.ts';
import { resumeWaiting } from '../../queue/enqueue.ts';
import { listParkedProjectIds } from '../../queue/jobs.ts';
import { listProjectsOfUser, type Project } from '../projects.ts';
import { listReceipts, openReceipts } from '../receipts.ts';
import {
	clearStandIn,
	findOwn,
	findServing,
	listProjectsOfProvider,
	listProjectsWithStandIn,
	unconnected,
} from '../serving.ts';
import { announceReceipts } from '../views.ts';
import { listHoldersOf } from './delivery.ts';

/** A connection was added, replaced, cured, or is gone. The provider is named, since a row that is gone tells nothing. */
export type ConnectionChange = {
	connectionId: string;
	version: number;
	providerId: string;
	userId: string;
	/** Whether it is, or was, the account that its provider's projects use. */
	active: boolean;
};

type Services = { db: Db; live: Live };

/**
 * Lets a person's projects follow a change, all at once: they return to their own provider or leave one that is gone,
 * receipts are opened where something has to be brought or taken, and parked prompts go back to the queue. Returns
 * the projects that changed hands, and those that have a receipt to settle.
 */
export async function followChange(
	{ db, live }: Services,
	change: ConnectionChange,
	running: readonly string[],
): Promise<{ moved: Project[]; concerned: string[] }> {
	const { connectionId, userId } = change;
	const { moved, receipts } = await inTransaction(db, async (tx) => {
		const row = await findConnection(tx, connectionId);
		const back = await bringBack(tx, change, row);
		const opened = row === undefined ? await openRemovals(tx, change) : await openDeliveries(tx, row, running);
		await resumeParked(tx, change, row);
		return { moved: back, receipts: opened };
	});
	announceReceipts({ live }, receipts, { userId, connectionId });
	return { moved, concerned: receipts.map(({ projectId }) => projectId) };
}

function isWorking(row: ConnectionRow): boolean {
	return row.status === 'connected' && (row.retry_at ?? 0) <= Date.now();
}

/** Stand-ins end when they are gone themselves, or when the project's own provider works again and the person wants it. */
async function bringBack(tx: Db, change: ConnectionChange, row: ConnectionRow | undefined): Promise<Project[]> {
	const moved: Project[] = [];
	const { returns } = await getFallback(tx, change.userId);
	for (const project of await listProjectsWithStandIn(tx, change.userId)) {
		const isGone = row === undefined && project.fallback_connection_id === change.connectionId;
		const isCured = row !== undefined && isWorking(row) && (await findOwn(tx, project))?.id === row.id;
		if (!isGone && !(isCured && returns)) continue;
		await clearStandIn(tx, project.id);
		const detail = { providerId: project.current_model_provider_id };
		const subject = { userId: change.userId, projectId: project.id, connectionId: change.connectionId };
		await recordAudit(tx, { actor: 'doce', action: 'credential.returned', ...subject, detail });
		moved.push(project);
	}
	return moved;
}

async function openRemovals(tx: Db, change: ConnectionChange) {
	const { connectionId, userId, providerId, version, active } = change;
	const holders = await listHoldersOf(tx, userId, connectionId);
	const users = active ? await listProjectsOfProvider(tx, userId, providerId) : [];
	const projects = [...holders, ...users.filter(({ id }) => !holders.some((holder) => holder.id === id))];
	const connection = { id: connectionId, user_id: userId, provider_id: providerId, version };
	return openReceipts(tx, { connection, projects, kind: 'remove', detail: 'Taken out as soon as the agent is idle.' });
}

async function openDeliveries(tx: Db, row: ConnectionRow, running: readonly string[]) {
	const opened = [];
	const projects = await listProjectsOfProvider(tx, row.user_id, row.provider_id);
	const standIns = await listProjectsWithStandIn(tx, row.user_id);
	for (const project of new Map([...projects, ...standIns].map((each) => [each.id, each])).values()) {
		if ((await findServing(tx, project)).connection?.id !== row.id) continue;
		const known = await listReceipts(tx, { connectionId: row.id, userId: row.user_id });
		if (known.some(({ projectId, version }) => projectId === project.id && version === row.version)) continue;
		const detail = running.includes(project.id)
			? 'On its way: delivered as soon as the agent is idle.'
			: 'The project is asleep: delivered at its next start.';
		opened.push(...(await openReceipts(tx, { connection: row, projects: [project], kind: 'deliver', detail })));
	}
	return opened;
}

/** What waited for this connection, or for its provider; and where one works now, whatever else could go on with it. */
async function resumeParked(tx: Db, change: ConnectionChange, row: ConnectionRow | undefined): Promise<void> {
	const { connectionId, providerId, userId } = change;
	await resumeWaiting(tx, { connectionId });
	if (row === undefined || !isWorking(row)) return;
	await resumeWaiting(tx, { connectionId: unconnected({ user_id: userId }, providerId) });
	const accounts = (await listConnections(tx, userId)).filter((other) => other.provider_id === providerId);
	for (const { id } of accounts) await resumeWaiting(tx, { connectionId: id });
	const { mode } = await getFallback(tx, userId);
	for (const project of await listWaitingProjects(tx, userId)) {
		if ((project.fallback ?? mode) === 'automatic') await resumeWaiting(tx, { projectId: project.id });
	}
}

/** A person's projects in which a prompt waits. */
async function listWaitingProjects(tx: Db, userId: string): Promise<Project[]> {
	return listProjectsOfUser(tx, userId, await listParkedProjectIds(tx, userId));
}
