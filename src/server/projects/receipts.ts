import type { ReceiptKind, ReceiptState, ReceiptView } from '#shared/receipts.ts';
import { type Db, inTransaction } from '../db/client.ts';
import type { Row } from '../db/schema.ts';

export type Receipt = Row<'credential_receipts'>;

/** A change of a connection; after a disconnect its row is gone, and the version is the one that ended it. */
type Change = { id: string; user_id: string; provider_id: string; version: number };

type Opening = {
	connection: Change;
	projects: readonly { id: string }[];
	kind: ReceiptKind;
	/** What it waits for, in words. */
	detail?: string | undefined;
	jobId?: string | undefined;
};

/**
 * Notes that a change has to reach these projects. Opened again, a receipt is pending again; what an older version
 * still had to bring there is superseded. Returns what changed, for the open pages.
 */
export async function openReceipts(tx: Db, opening: Opening): Promise<ReceiptView[]> {
	const { connection, projects } = opening;
	if (projects.length === 0) return [];
	const fresh = { kind: opening.kind, detail: opening.detail ?? null, job_id: opening.jobId ?? null };
	return inTransaction(tx, async (db) => {
		for (const { id } of projects) {
			const columns = { ...fresh, state: 'pending' as const, created_at: Date.now(), settled_at: null };
			await db
				.insertInto('credential_receipts')
				.values({ ...identityOf(connection), project_id: id, ...columns })
				.onConflict((conflict) => conflict.columns(['connection_id', 'version', 'project_id']).doUpdateSet(columns))
				.execute();
			await supersede(db, { connectionId: connection.id, projectId: id, before: connection.version });
		}
		const ids = new Set(projects.map(({ id }) => id));
		return (await read(db, connection.id)).filter((receipt) => ids.has(receipt.project_id)).map(toReceiptView);
	});
}

type Settlement = {
	connectionId: string;
	version: number;
	projectId: string;
	/** `pending` tells what it waits for now. */
	state: ReceiptState;
	detail: string | null;
	jobId?: string | undefined;
};

/**
 * Tells how a receipt stands. One that is done stays done, so that a job may run twice. Returns what changed, for the
 * open pages: nothing when there is no such receipt, or when it said so already.
 */
export async function settleReceipt(db: Db, settlement: Settlement): Promise<ReceiptView[]> {
	const { connectionId, version, projectId, state, detail, jobId } = settlement;
	return inTransaction(db, async (tx) => {
		const { numUpdatedRows } = await tx
			.updateTable('credential_receipts')
			.set({
				state,
				detail,
				settled_at: state === 'pending' ? null : Date.now(),
				...(jobId === undefined ? {} : { job_id: jobId }),
			})
			.where('connection_id', '=', connectionId)
			.where('version', '=', version)
			.where('project_id', '=', projectId)
			.where('state', '!=', 'done')
			.where((eb) => eb.or([eb('state', '!=', state), eb('detail', 'is distinct from', detail)]))
			.executeTakeFirst();
		if (numUpdatedRows === 0n) return [];
		const receipts = await read(tx, connectionId);
		return receipts.filter((row) => row.project_id === projectId && row.version === version).map(toReceiptView);
	});
}

/** A project is gone, and with it all it held. */
export async function closeReceiptsOf(db: Db, projectId: string): Promise<void> {
	for (const [kind, state] of [
		['remove', 'done'],
		['deliver', 'superseded'],
	] as const) {
		await db
			.updateTable('credential_receipts')
			.set({ state, detail: 'The project was deleted, with everything it held.', settled_at: Date.now() })
			.where('project_id', '=', projectId)
			.where('kind', '=', kind)
			.where('state', 'in', ['pending', 'failed'])
			.execute();
	}
}

/** A person's receipts of one connection, also of one that is gone: the newest version first, projects by name. */
export async function listReceipts(
	db: Db,
	{ connectionId, userId }: { connectionId: string; userId: string },
): Promise<ReceiptView[]> {
	return (await read(db, connectionId)).filter((row) => row.user_id === userId).map(toReceiptView);
}

/** What a project still has to be given, or to give up, the oldest first. */
export async function listPendingReceipts(db: Db, projectId: string): Promise<Receipt[]> {
	return db
		.selectFrom('credential_receipts')
		.selectAll()
		.where('project_id', '=', projectId)
		.where('state', 'in', ['pending', 'failed'])
		.orderBy('created_at')
		.orderBy('connection_id')
		.orderBy('version')
		.execute();
}

function identityOf({ id, user_id, provider_id, version }: Change) {
	return { connection_id: id, user_id, provider_id, version };
}

/** What had not arrived when a later change came never will. */
async function supersede(
	db: Db,
	{ connectionId, projectId, before }: { connectionId: string; projectId: string; before: number },
): Promise<void> {
	await db
		.updateTable('credential_receipts')
		.set({ state: 'superseded', detail: `Version ${before} took its place.`, settled_at: Date.now() })
		.where('connection_id', '=', connectionId)
		.where('project_id', '=', projectId)
		.where('version', '<', before)
		.where('state', 'in', ['pending', 'failed'])
		.execute();
}

type Named = Receipt & { project_name: string | null };

async function read(db: Db, connectionId: string): Promise<Named[]> {
	return db
		.selectFrom('credential_receipts')
		.leftJoin('projects', 'projects.id', 'credential_receipts.project_id')
		.selectAll('credential_receipts')
		.select('projects.name as project_name')
		.where('connection_id', '=', connectionId)
		.orderBy('version', 'desc')
		.orderBy('projects.name')
		.orderBy('project_id')
		.execute();
}

function toReceiptView(row: Named): ReceiptView {
	return {
		version: row.version,
		projectId: row.project_id,
		projectName: row.project_name,
		kind: row.kind,
		state: row.state,
		detail: row.detail,
		at: new Date(row.settled_at ?? row.created_at).toISOString(),
	};
}
