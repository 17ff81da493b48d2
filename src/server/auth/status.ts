import { recordAudit } from '#server/audit/audit.ts';
import { type Db, inTransaction } from '#server/db/client.ts';
import { enqueue } from '#server/queue/enqueue.ts';
import type { ConnectionReason, ConnectionStatus } from '#shared/providers.ts';
import { enqueueChange } from './connectionChanges.ts';
import { type ConnectionRow, findConnection } from './connections.ts';
import { isLegacyConnectionId, saveLegacyStatus } from './legacy/legacyKey.ts';

/** Why a provider did not serve a connection, as a use or a test of it has shown. */
export type Trouble = {
	/** null for what no reason stands for. */
	reason: ConnectionReason | null;
	/** For the person: what happened, and what to do. */
	message: string;
	/** Until when the provider limits requests, in epoch milliseconds, when it said so. */
	retryAt?: number | null | undefined;
	projectId?: string | null | undefined;
};

/** How soon a provider that cannot be reached is asked again, in ms. */
const UNREACHABLE_DELAY = 10_000;
const LONGEST_DELAY = 300_000;
/** How long a limit lasts whose end the provider did not name, in ms. */
const DEFAULT_LIMIT = 60_000;

/** How a finding came about. */
export type Evidence = {
	/** `use` and a person's `test` begin the count anew; what doce finds by itself may ask for less than a prompt does. */
	by: 'use' | 'test' | 'recheck';
	/** When it was asked, in epoch milliseconds: a trouble that came later is not cured by it. */
	askedAt: number;
};

/**
 * Writes what was found out about a connection: undefined when it works, which also cures an earlier trouble. Only of
 * the version that was used: a key that was replaced meanwhile is not the one that was refused. Returns whether the row
 * changed. A cure tells the projects; a trouble that passes by itself is looked at again, each time later.
 */
export async function reportStatus(
	db: Db,
	used: ConnectionRow,
	trouble: Trouble | undefined,
	{ by, askedAt }: Evidence = { by: 'test', askedAt: Date.now() },
): Promise<boolean> {
	return inTransaction(db, async (tx) => {
		const row = await findConnection(tx, used.id);
		if (row === undefined || row.version !== used.version) return false;
		if (trouble === undefined && (row.problem_at ?? 0) > askedAt) return false;
		const count = trouble === undefined ? (by === 'recheck' ? row.trouble_count : 0) : row.trouble_count + 1;
		const next = { ...columnsOf(trouble), trouble_count: count };
		if (isSame(row, next)) return false;
		await save(tx, row, next);
		await audit(tx, row, next, trouble);
		if (trouble === undefined) await enqueueChange(tx, row);
		else await lookAgain(tx, row, next);
		return true;
	});
}

async function save(tx: Db, row: ConnectionRow, next: StatusColumns & { trouble_count: number }): Promise<void> {
	if (isLegacyConnectionId(row.id)) return saveLegacyStatus(tx, row.user_id, next);
	await tx
		.updateTable('provider_connections')
		.set({ ...next, updated_at: Date.now() })
		.where('id', '=', row.id)
		.execute();
}

type StatusColumns = Pick<
	ConnectionRow,
	'status' | 'reason' | 'error_message' | 'retry_at' | 'problem_at' | 'problem_project_id'
>;

function columnsOf(trouble: Trouble | undefined): StatusColumns {
	if (trouble === undefined) return WORKS;
	const { reason, message, retryAt = null, projectId = null } = trouble;
	const limited = reason === 'rate_limited';
	return {
		status: (reason && STATUS_OF[reason]) ?? 'error',
		reason,
		error_message: message,
		retry_at: limited ? (retryAt ?? Date.now() + DEFAULT_LIMIT) : null,
		problem_at: Date.now(),
		problem_project_id: projectId,
	};
}

const WORKS: StatusColumns = {
	status: 'connected',
	reason: null,
	error_message: null,
	retry_at: null,
	problem_at: null,
	problem_project_id: null,
};

/** A limited account is in order; everything else but an ended sign-in is an error. */
const STATUS_OF: Partial<Record<ConnectionReason, ConnectionStatus>> = {
	rate_limited: 'connected',
	sign_in_expired: 'expired',
	not_tested: 'connected',
};

function isSame(row: ConnectionRow, next: StatusColumns): boolean {
	return row.status === next.status && row.reason === next.reason && next.reason !== 'rate_limited';
}

async function lookAgain(tx: Db, row: ConnectionRow, next: StatusColumns & { trouble_count: number }): Promise<void> {
	const { reason, retry_at: retryAt, problem_at: problemAt, trouble_count: count } = next;
	if (reason !== 'rate_limited' && reason !== 'unreachable') return;
	await enqueue(tx, {
		type: 'connection.recheck',
		payload: { connectionId: row.id, version: row.version, problemAt },
		userId: row.user_id,
		delayMs: reason === 'rate_limited' ? Math.max(0, (retryAt ?? 0) - Date.now()) : later(UNREACHABLE_DELAY, count),
	});
}

/** Twice as long after each time that it did not serve, up to five minutes. */
function later(firstMs: number, count: number): number {
	return Math.min(firstMs * 2 ** Math.max(0, count - 1), LONGEST_DELAY);
}

async function audit(tx: Db, row: ConnectionRow, next: StatusColumns, trouble: Trouble | undefined): Promise<void> {
	const project = trouble?.projectId == null ? {} : { projectId: trouble.projectId };
	await recordAudit(tx, {
		actor: 'doce',
		userId: row.user_id,
		action: 'connection.statusChanged',
		connectionId: row.id,
		...project,
		detail: { providerId: row.provider_id, label: row.label, status: next.status, reason: next.reason },
	});
}
