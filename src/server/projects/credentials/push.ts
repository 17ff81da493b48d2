import { recordAudit } from '../../audit/audit.ts';
import { type ConnectionRow, findConnection, openCredential } from '../../auth/connections.ts';
import { type Db, inTransaction } from '../../db/client.ts';
import type { Row } from '../../db/schema.ts';
import { findProject, type Project } from '../projects.ts';
import { findOpenCode, type ProjectServices } from '../setup.ts';
import { expectDelivery, listDeliveries } from './delivery.ts';

type Delivery = Row<'credential_deliveries'>;

/** A delivery may carry what was opened shortly before a renewal: so much later, in ms, it certainly does not. */
const IN_FLIGHT = 30_000;

/** How many projects have a renewed sign-in now, and which may still hold, or be given, an older one. */
export type Pushed = { reached: number; open: string[] };

/** Keeps everybody else out of a project meanwhile, who might take its credential away or bring another one. */
type Gate = { exclusive<T>(projectId: string, work: () => Promise<T>): Promise<T> };
type Services = ProjectServices & { gate: Gate };
type Work = { connectionId: string; jobId: string };

/**
 * Hands a renewed sign-in to the running projects that hold the old one. Their plugins read it again at the next
 * request, so nothing is disposed and a running prompt goes on. A project that does not run gets it at its next start.
 */
export async function pushRenewed(services: Services, { since, ...work }: Work & { since: number }): Promise<Pushed> {
	const held = await listHolders(services.db, work.connectionId);
	const settled = held.filter(
		({ state, delivered_at }) => state === 'delivered' && (delivered_at ?? 0) < since + IN_FLIGHT,
	);
	const results = await Promise.allSettled(
		settled.map(({ project_id: id }) => services.gate.exclusive(id, () => push(services, id, work))),
	);
	const failed = settled.filter((_, index) => results[index]?.status === 'rejected');
	const unsettled = held.filter(({ state }) => state !== 'delivered');
	return {
		reached: results.filter((result) => result.status === 'fulfilled' && result.value).length,
		open: [...unsettled, ...failed].map(({ project_id: id }) => id),
	};
}

/** Sees to it that the next delivery to these projects sends what could not be pushed: by their rows they have it. */
export async function expectNewest({ db, gate }: Pick<Services, 'db' | 'gate'>, projectIds: string[]): Promise<void> {
	await Promise.all(projectIds.map((id) => gate.exclusive(id, () => expectDelivery(db, id))));
}

async function listHolders(db: Db, connectionId: string): Promise<Delivery[]> {
	return db.selectFrom('credential_deliveries').selectAll().where('connection_id', '=', connectionId).execute();
}

/** The newest tokens for a project that holds this very connection still. Returns whether it has them. */
async function push(services: Services, projectId: string, { connectionId, jobId }: Work): Promise<boolean> {
	const { db, keyring } = services;
	const connection = await findConnection(db, connectionId);
	const project = await findProject(db, projectId);
	// Disconnected, or replaced by another account, while this waited for its turn: nothing of it goes there any more.
	if (connection === undefined || project === undefined || !(await holds(db, projectId, connection))) return false;
	const openCode = await findOpenCode(services, project);
	if (openCode === undefined) return false;
	const { auth } = await openCredential(db, keyring, connection.id);
	await openCode.setCredential(connection.provider_id, auth);
	await notePushed(db, project, { connection, jobId });
	return true;
}

async function holds(db: Db, projectId: string, connection: ConnectionRow): Promise<boolean> {
	return (await listDeliveries(db, projectId)).some(
		({ connection_id, provider_id }) => connection_id === connection.id && provider_id === connection.provider_id,
	);
}

async function notePushed(
	db: Db,
	project: Project,
	{ connection, jobId }: { connection: ConnectionRow; jobId: string },
): Promise<void> {
	await inTransaction(db, async (tx) => {
		await tx
			.updateTable('credential_deliveries')
			.set({ delivered_at: Date.now() })
			.where('project_id', '=', project.id)
			.where('connection_id', '=', connection.id)
			.where('state', '=', 'delivered')
			.execute();
		await recordAudit(tx, {
			actor: 'doce',
			userId: project.user_id,
			action: 'credential.renewed',
			connectionId: connection.id,
			projectId: project.id,
			jobId,
			detail: { providerId: connection.provider_id, delivery: connection.delivery },
		});
	});
}
