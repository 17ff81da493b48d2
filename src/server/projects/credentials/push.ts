import { recordAudit } from '../../audit/audit.ts';
import { type ConnectionRow, findConnection, openCredential } from '../../auth/connections.ts';
import { type Db, inTransaction } from '../../db/client.ts';
import type { Row } from '../../db/schema.ts';
import { findProject } from '../projects.ts';
import { findOpenCode, type ProjectServices } from '../setup.ts';

type Delivery = Row<'credential_deliveries'>;

/** A delivery may carry what was opened shortly before a renewal: so much later, in ms, it certainly does not. */
const IN_FLIGHT = 30_000;

/** How many projects have a renewed sign-in now, and which may still hold, or be given, an older one. */
export type Pushed = { reached: number; open: string[] };

/**
 * Hands a renewed sign-in to the running projects that hold the old one. Their plugins read it again at the next
 * request, so nothing is disposed and a running prompt goes on. A project that does not run gets it at its next start.
 */
export async function pushRenewed(
	services: ProjectServices,
	{ connectionId, since, jobId }: { connectionId: string; since: number; jobId: string },
): Promise<Pushed> {
	const connection = await findConnection(services.db, connectionId);
	if (connection === undefined) return { reached: 0, open: [] };
	const held = await listHolders(services.db, connection);
	const settled = held.filter(
		({ state, delivered_at }) => state === 'delivered' && (delivered_at ?? 0) < since + IN_FLIGHT,
	);
	const results = await Promise.allSettled(settled.map((delivery) => push(services, connection, { delivery, jobId })));
	const failed = settled.filter((_, index) => results[index]?.status === 'rejected');
	const unsettled = held.filter(({ state }) => state !== 'delivered');
	return {
		reached: results.filter((result) => result.status === 'fulfilled' && result.value).length,
		open: [...unsettled, ...failed].map(({ project_id: id }) => id),
	};
}

async function listHolders(db: Db, connection: ConnectionRow): Promise<Delivery[]> {
	return db
		.selectFrom('credential_deliveries')
		.selectAll()
		.where('connection_id', '=', connection.id)
		.where('provider_id', '=', connection.provider_id)
		.execute();
}

type Work = { delivery: Delivery; jobId: string };

async function push(services: ProjectServices, connection: ConnectionRow, { delivery, jobId }: Work): Promise<boolean> {
	const { db, keyring } = services;
	const project = await findProject(db, delivery.project_id);
	const openCode = project && (await findOpenCode(services, project));
	if (project === undefined || openCode === undefined) return false;
	const { auth } = await openCredential(db, keyring, connection.id);
	await openCode.setCredential(connection.provider_id, auth);
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
	return true;
}
