import { type AuditDetail, recordAudit } from '../../audit/audit.ts';
import { asApiKey, type ConnectionRow, openCredential, requireSealed } from '../../auth/connections.ts';
import { type Keyring, lockedMessage } from '../../auth/keys/keyring.ts';
import { ensureFreshAccess, type Refresher } from '../../auth/refresh/refresher.ts';
import { type Db, inTransaction } from '../../db/client.ts';
import type { Row } from '../../db/schema.ts';
import { AppError } from '../../errors.ts';
import { hasLastingToken, issueToken, revokeTokens } from '../../gateway/tokens.ts';
import type { OpenCode } from '../../opencode/client.ts';
import type { Secret } from '../../secret.ts';
import type { Project } from '../projects.ts';
import { findServing } from '../serving.ts';
import { isAllowed } from './sealedOnly.ts';

type Delivery = Row<'credential_deliveries'>;
type Services = { db: Db; keyring: Keyring; refresher: Refresher };

/** What a project's OpenCode has to be given, and to give up, so that it holds the credential it needs and no other. */
export type DeliveryPlan = {
	/** The connection that serves the project; undefined when its provider is not connected. */
	connection: ConnectionRow | undefined;
	surplus: Delivery[];
	/** True when there is nothing to do. */
	isCurrent: boolean;
	/** True when OpenCode holds a token that leads to the newest credential, whichever version it was given for. */
	isSealed: boolean;
	/** True when its sign-in was found to have ended, or to work again, in the making of this plan. */
	isNews: boolean;
};

export async function planDelivery(services: Services, project: Project): Promise<DeliveryPlan> {
	const { db } = services;
	const known = await findAllowed(db, project);
	const connection = await ensureFreshAccess(services, known);
	const isNews = connection?.status !== known?.status;
	const held = await listDeliveries(db, project.id);
	const surplus = held.filter((delivery) => delivery.provider_id !== connection?.provider_id);
	const isClear = surplus.length === 0;
	if (connection === undefined) return { connection, surplus, isCurrent: isClear, isSealed: false, isNews };
	const mine = held.find(({ connection_id: id, state }) => id === connection.id && state === 'delivered');
	const bound = { projectId: project.id, connectionId: connection.id };
	const isSealed = mine !== undefined && connection.delivery === 'sealed' && (await hasLastingToken(db, bound));
	const isNewest = mine?.version === connection.version && (connection.delivery === 'direct' || isSealed);
	return { connection, surplus, isCurrent: isClear && isNewest, isSealed, isNews };
}

async function findAllowed(db: Db, project: Project): Promise<ConnectionRow | undefined> {
	const { connection } = await findServing(db, project);
	return connection !== undefined && isAllowed(project, connection) ? connection : undefined;
}

/**
 * Carries a plan out in an OpenCode, which gets a token in place of a sealed credential. What it has loaded already it
 * notices only after a dispose, so nothing counts as done before `confirmDelivery`. Throws `AppError('unavailable')` while the keyring is locked.
 */
export async function sendCredentials(
	{ db, keyring }: Services,
	project: Project,
	openCode: OpenCode,
	{ connection, surplus }: DeliveryPlan,
): Promise<void> {
	// Nothing has to be opened for that, so it works with a locked keyring, too.
	for (const { provider_id: providerId } of surplus) await openCode.removeCredential(providerId);
	if (connection === undefined) return;
	const locked = lockedMessage(keyring);
	if (locked !== undefined) throw new AppError('unavailable', locked);
	// Noted before it is opened: whoever renews it meanwhile sees that an older one is on its way.
	await save(db, project, connection, { state: 'pending', delivered_at: null });
	const token = connection.delivery === 'sealed' ? await tokenFor(db, project, connection) : undefined;
	const auth =
		token === undefined ? (await openCredential(db, keyring, connection.id)).auth : asApiKey(connection, token);
	await openCode.setCredential(connection.provider_id, auth);
	// What it held before is good no more, whether it was for this connection or for another.
	await revokeTokens(db, { projectId: project.id }, token);
}

/** What a project shows to the gateway, which alone opens the credential. It passes for an API key, also of a sign-in. */
function tokenFor(db: Db, { id: projectId, user_id: userId }: Project, connection: ConnectionRow): Promise<Secret> {
	requireSealed(connection);
	return issueToken(db, { projectId, connectionId: connection.id, userId });
}

/** Notes, and audits, what OpenCode uses from now on, and what is gone from it. */
export async function confirmDelivery(
	db: Db,
	project: Project,
	{ connection, surplus }: DeliveryPlan,
	jobId: string,
): Promise<void> {
	await inTransaction(db, async (tx) => {
		for (const delivery of surplus) await forget(tx, project, delivery, jobId);
		if (connection === undefined) return;
		await save(tx, project, connection, { state: 'delivered', delivered_at: Date.now() });
		const detail = { providerId: connection.provider_id, version: connection.version, delivery: connection.delivery };
		await audit(tx, project, { action: 'credential.delivered', connectionId: connection.id, jobId, detail });
	});
}

/** Notes that what a project's OpenCode holds has to be sent again, before it is certain that it uses it. */
export async function expectDelivery(db: Db, projectId: string): Promise<void> {
	await db.updateTable('credential_deliveries').set({ state: 'pending' }).where('project_id', '=', projectId).execute();
}

/** Projects whose OpenCode has been given a credential and has not lost it again. */
export async function listProjectsHoldingCredentials(db: Db): Promise<Project[]> {
	const holders = db.selectFrom('credential_deliveries').select('project_id');
	return db.selectFrom('projects').selectAll().where('id', 'in', holders).execute();
}

/** Of a person's projects, those whose OpenCode holds the credential of a connection. */
export async function listHoldersOf(db: Db, userId: string, connectionId: string): Promise<Project[]> {
	const holders = db.selectFrom('credential_deliveries').select('project_id').where('connection_id', '=', connectionId);
	return db.selectFrom('projects').selectAll().where('user_id', '=', userId).where('id', 'in', holders).execute();
}

/** Notes that a project's OpenCode holds nothing any more, each removal in the audit trail. */
export async function forgetDeliveries(db: Db, project: Project, jobId: string | undefined): Promise<void> {
	await inTransaction(db, async (tx) => {
		for (const delivery of await listDeliveries(tx, project.id)) await forget(tx, project, delivery, jobId);
	});
}

/** What a project's OpenCode has been given, by provider. */
export async function listDeliveries(db: Db, projectId: string): Promise<Delivery[]> {
	return db.selectFrom('credential_deliveries').selectAll().where('project_id', '=', projectId).execute();
}

async function forget(tx: Db, project: Project, delivery: Delivery, jobId: string | undefined): Promise<void> {
	const { provider_id: providerId, connection_id: connectionId, version } = delivery;
	await tx
		.deleteFrom('credential_deliveries')
		.where('project_id', '=', project.id)
		.where('provider_id', '=', providerId)
		.execute();
	await audit(tx, project, { action: 'credential.removed', connectionId, jobId, detail: { providerId, version } });
}

async function save(
	db: Db,
	project: Project,
	connection: ConnectionRow,
	state: Pick<Delivery, 'state' | 'delivered_at'>,
): Promise<void> {
	const values = { connection_id: connection.id, version: connection.version, ...state };
	await db
		.insertInto('credential_deliveries')
		.values({ project_id: project.id, provider_id: connection.provider_id, ...values })
		.onConflict((conflict) => conflict.columns(['project_id', 'provider_id']).doUpdateSet(values))
		.execute();
}

type AuditNote = { action: string; connectionId: string; jobId: string | undefined; detail: AuditDetail };

async function audit(db: Db, project: Project, { jobId, ...note }: AuditNote): Promise<void> {
	const job = jobId === undefined ? {} : { jobId };
	await recordAudit(db, { actor: 'doce', userId: project.user_id, projectId: project.id, ...job, ...note });
}
