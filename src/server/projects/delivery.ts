import { recordAudit } from '../audit/audit.ts';
import {
	type ConnectionRow,
	findConnectionForProvider,
	markConnectionUsed,
	openCredential,
} from '../auth/connections.ts';
import { type Keyring, lockedMessage } from '../auth/keys/keyring.ts';
import { ensureFreshAccess, type Refresher } from '../auth/refresh/refresher.ts';
import { type Db, inTransaction } from '../db/client.ts';
import type { Row } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import type { OpenCode } from '../opencode/client.ts';
import type { Project } from './projects.ts';

type Delivery = Row<'credential_deliveries'>;
type Services = { db: Db; keyring: Keyring; refresher: Refresher };

/**
 * Makes a project's OpenCode hold the credential of the project's own connection in its newest version, and nothing
 * else. Returns whether anything changed, which a running OpenCode notices only after a dispose.
 * Throws `AppError('conflict')` when the project's provider is not connected.
 */
export async function deliverCredentials(
	services: Services,
	project: Project,
	openCode: OpenCode,
	jobId: string,
): Promise<boolean> {
	const { db, keyring } = services;
	const locked = lockedMessage(keyring);
	if (locked !== undefined) throw new AppError('unavailable', locked);
	const connection = await ensureFreshAccess(services, await findConnectionOf(db, project));
	const held = await listDeliveries(db, project.id);
	const surplus = held.filter((delivery) => delivery.provider_id !== connection?.provider_id);
	for (const delivery of surplus) await remove(services, project, openCode, { delivery, jobId });
	if (connection === undefined) {
		throw new AppError(
			'conflict',
			`${project.current_model_provider_id} is not connected any more. Connect it again in Settings, or choose another model.`,
		);
	}
	const isCurrent = held.some((delivery) => isNewest(delivery, connection));
	if (!isCurrent) await send(services, project, openCode, { connection, jobId });
	return surplus.length > 0 || !isCurrent;
}

/** The connection whose credential a project uses. */
export async function findConnectionOf(db: Db, project: Project): Promise<ConnectionRow | undefined> {
	const providerId = project.current_model_provider_id;
	return providerId === null ? undefined : findConnectionForProvider(db, project.user_id, providerId);
}

/** Notes that a project's OpenCode starts anew: what it holds has to be sent again. */
export async function expectDelivery(db: Db, projectId: string): Promise<void> {
	await db.updateTable('credential_deliveries').set({ state: 'pending' }).where('project_id', '=', projectId).execute();
}

/** Projects whose OpenCode has been given a credential and has not lost it again. */
export async function listProjectsHoldingCredentials(db: Db): Promise<Project[]> {
	const holders = db.selectFrom('credential_deliveries').select('project_id');
	return db.selectFrom('projects').selectAll().where('id', 'in', holders).execute();
}

/** Notes that a project's OpenCode holds nothing any more, each removal in the audit trail. */
export async function forgetDeliveries(db: Db, project: Project, jobId: string | undefined): Promise<void> {
	await inTransaction(db, async (tx) => {
		for (const { provider_id: providerId, connection_id: connectionId, version } of await listDeliveries(
			tx,
			project.id,
		)) {
			await audit(tx, project, { action: 'credential.removed', connectionId, jobId, detail: { providerId, version } });
		}
		await tx.deleteFrom('credential_deliveries').where('project_id', '=', project.id).execute();
	});
}

async function listDeliveries(db: Db, projectId: string): Promise<Delivery[]> {
	return db.selectFrom('credential_deliveries').selectAll().where('project_id', '=', projectId).execute();
}

function isNewest(delivery: Delivery, connection: ConnectionRow): boolean {
	return (
		delivery.connection_id === connection.id &&
		delivery.version === connection.version &&
		delivery.state === 'delivered'
	);
}

async function send(
	{ db, keyring }: Services,
	project: Project,
	openCode: OpenCode,
	{ connection, jobId }: { connection: ConnectionRow; jobId: string },
): Promise<void> {
	const { auth } = await openCredential(db, keyring, connection.id);
	const values = { connection_id: connection.id, version: connection.version };
	await save(db, project, connection.provider_id, { ...values, state: 'pending', delivered_at: null });
	await openCode.setCredential(connection.provider_id, auth);
	await inTransaction(db, async (tx) => {
		await save(tx, project, connection.provider_id, { ...values, state: 'delivered', delivered_at: Date.now() });
		await markConnectionUsed(tx, connection.id);
		const detail = { providerId: connection.provider_id, version: connection.version, delivery: connection.delivery };
		await audit(tx, project, { action: 'credential.delivered', connectionId: connection.id, jobId, detail });
	});
}

async function remove(
	{ db }: Services,
	project: Project,
	openCode: OpenCode,
	{ delivery, jobId }: { delivery: Delivery; jobId: string },
): Promise<void> {
	await openCode.removeCredential(delivery.provider_id);
	await inTransaction(db, async (tx) => {
		await tx
			.deleteFrom('credential_deliveries')
			.where('project_id', '=', project.id)
			.where('provider_id', '=', delivery.provider_id)
			.execute();
		const detail = { providerId: delivery.provider_id, version: delivery.version };
		await audit(tx, project, { action: 'credential.removed', connectionId: delivery.connection_id, jobId, detail });
	});
}

async function save(
	db: Db,
	project: Project,
	providerId: string,
	values: Pick<Delivery, 'connection_id' | 'version' | 'state' | 'delivered_at'>,
): Promise<void> {
	await db
		.insertInto('credential_deliveries')
		.values({ project_id: project.id, provider_id: providerId, ...values })
		.onConflict((conflict) => conflict.columns(['project_id', 'provider_id']).doUpdateSet(values))
		.execute();
}

type AuditNote = {
	action: string;
	connectionId: string;
	jobId: string | undefined;
	detail: Record<string, string | number>;
};

async function audit(db: Db, project: Project, { jobId, ...note }: AuditNote): Promise<void> {
	const job = jobId === undefined ? {} : { jobId };
	await recordAudit(db, { actor: 'doce', userId: project.user_id, projectId: project.id, ...job, ...note });
}
