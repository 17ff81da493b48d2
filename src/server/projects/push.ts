import { recordAudit } from '../audit/audit.ts';
import { type ConnectionRow, findConnection, openCredential } from '../auth/connections.ts';
import { type Db, inTransaction } from '../db/client.ts';
import type { Row } from '../db/schema.ts';
import { findProject } from './projects.ts';
import { findOpenCode, type ProjectServices } from './setup.ts';

type Delivery = Row<'credential_deliveries'>;

/** What became of a renewed sign-in: how many projects have it now, and which are just being given an older one. */
export type Pushed = { reached: number; unsettled: string[]; failed: string[] };

/**
 * Hands a renewed sign-in to the running projects that hold the old one. Their plugins read it again at the next
 * request, so nothing is disposed and a running prompt goes on. A project that does not run gets it at its next start.
 */
export async function pushRenewed(services: ProjectServices, connectionId: string, jobId: string): Promise<Pushed> {
	const connection = await findConnection(services.db, connectionId);
	if (connection === undefined) return { reached: 0, unsettled: [], failed: [] };
	const held = await listHolders(services.db, connection);
	const old = held.filter(({ version }) => version < connection.version);
	const settled = old.filter(({ state }) => state === 'delivered');
	const results = await Promise.allSettled(settled.map((delivery) => push(services, connection, { delivery, jobId })));
	const lost = settled.filter((_, index) => results[index]?.status === 'rejected');
	return {
		reached: results.filter((result) => result.status === 'fulfilled' && result.value).length,
		unsettled: old.filter(({ state }) => state !== 'delivered').map(({ project_id: id }) => id),
		failed: lost.map(({ project_id: id }) => id),
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
			.set({ version: connection.version, delivered_at: Date.now() })
			.where('project_id', '=', project.id)
			.where('connection_id', '=', connection.id)
			.where('state', '=', 'delivered')
			.where('version', '<', connection.version)
			.execute();
		const { provider_id: providerId, version } = connection;
		await recordAudit(tx, {
			actor: 'doce',
			userId: project.user_id,
			action: 'credential.renewed',
			connectionId: connection.id,
			projectId: project.id,
			jobId,
			detail: { providerId, version, delivery: connection.delivery },
		});
	});
	return true;
}
