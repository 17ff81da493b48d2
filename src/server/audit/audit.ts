import type { Db } from '#server/db/client.ts';
import { newId } from '#server/db/id.ts';
import type { Row } from '#server/db/schema.ts';

/** Who acted: a person in the browser, a script with an API token, or doce itself. */
export type AuditActor = `user:${string}` | `token:${string}` | 'doce';

/** Flat facts about what was done. Nothing secret: ids, names, outcomes. */
export type AuditDetail = Record<string, string | number | boolean | null>;

export type AuditEntry = {
	actor: AuditActor;
	/** For example `connection.connected`. */
	action: string;
	/** Whose connection or project it concerns. */
	userId?: string;
	connectionId?: string;
	projectId?: string;
	jobId?: string;
	detail?: AuditDetail;
};

/** An entry as it is stored; the doors add the names of what it speaks of. */
export type StoredAuditEntry = {
	id: string;
	/** ISO 8601. */
	at: string;
	actor: string;
	userId: string | null;
	action: string;
	connectionId: string | null;
	projectId: string | null;
	jobId: string | null;
	detail: AuditDetail;
};

/** Writes one entry; inside a caller's transaction it stands or falls with the change it tells of. */
export async function recordAudit(db: Db, entry: AuditEntry): Promise<void> {
	const row = {
		id: newId(),
		at: Date.now(),
		actor: entry.actor,
		user_id: entry.userId ?? null,
		action: entry.action,
		connection_id: entry.connectionId ?? null,
		project_id: entry.projectId ?? null,
		job_id: entry.jobId ?? null,
		detail: JSON.stringify(entry.detail ?? {}),
	};
	await db.insertInto('audit_entries').values(row).execute();
}

export type AuditFilter = {
	userId?: string | undefined;
	connectionId?: string | undefined;
	projectId?: string | undefined;
	/** Any of these. */
	actions?: readonly string[] | undefined;
	actor?: string | undefined;
	/** In ms: at this time or later. */
	from?: number | undefined;
	/** In ms: earlier than this. */
	to?: number | undefined;
	limit: number;
	/** The id of the last entry seen: older ones follow. */
	before?: string | undefined;
};

/** Entries that match every given filter, newest first. */
export async function listAudit(db: Db, filter: AuditFilter): Promise<StoredAuditEntry[]> {
	let query = db.selectFrom('audit_entries').selectAll();
	if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
	if (filter.connectionId !== undefined) query = query.where('connection_id', '=', filter.connectionId);
	if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
	if (filter.actions !== undefined) query = query.where('action', 'in', filter.actions);
	if (filter.actor !== undefined) query = query.where('actor', '=', filter.actor);
	if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
	if (filter.to !== undefined) query = query.where('at', '<', filter.to);
	if (filter.before !== undefined) query = query.where('id', '<', filter.before);
	const rows = await query.orderBy('id', 'desc').limit(filter.limit).execute();
	return rows.map(toStoredEntry);
}

function toStoredEntry(row: Row<'audit_entries'>): StoredAuditEntry {
	return {
		id: row.id,
		at: new Date(row.at).toISOString(),
		actor: row.actor,
		userId: row.user_id,
		action: row.action,
		connectionId: row.connection_id,
		projectId: row.project_id,
		jobId: row.job_id,
		detail: JSON.parse(row.detail) as AuditDetail,
	};
}
