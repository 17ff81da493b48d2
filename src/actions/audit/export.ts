import type { App } from '#server/app.ts';
import { type AuditFilter, listAudit } from '#server/audit/audit.ts';
import { csvLine } from '#server/audit/csv.ts';
import type { AuditEntryView, AuditFormat } from '#shared/audit.ts';
import { nameEntries } from './names.ts';

/** How many entries are read and named at a time. */
const PAGE = 500;

export const MEDIA_TYPES: Record<AuditFormat, string> = {
	csv: 'text/csv; charset=utf-8',
	json: 'application/json',
};

export function exportName(format: AuditFormat, now = new Date()): string {
	return `doce-audit-${now.toISOString().slice(0, 10)}.${format}`;
}

/** Every entry that matches, as text in pieces: however many there are, only a page of them is in memory. */
export async function* exportAudit(
	app: Pick<App, 'db' | 'catalog'>,
	filter: Omit<AuditFilter, 'limit' | 'before'>,
	format: AuditFormat,
): AsyncGenerator<string> {
	yield format === 'csv' ? csvLine(COLUMNS) : '[';
	let before: string | undefined;
	for (;;) {
		const stored = await listAudit(app.db, { ...filter, before, limit: PAGE });
		const entries = await nameEntries(app, stored);
		const isFirst = before === undefined;
		if (entries.length > 0) yield format === 'csv' ? entries.map(toCsv).join('') : toJson(entries, isFirst);
		before = stored.at(-1)?.id;
		if (stored.length < PAGE) break;
	}
	if (format === 'json') yield '\n]\n';
}

const COLUMNS = [
	'at',
	'actor',
	'actor name',
	'owner',
	'action',
	'connection id',
	'connection',
	'project id',
	'project',
	'job id',
	'detail',
];

function toCsv(entry: AuditEntryView): string {
	return csvLine([
		entry.at,
		entry.actor,
		entry.actorName,
		entry.ownerName,
		entry.action,
		entry.connectionId,
		entry.connectionName,
		entry.projectId,
		entry.projectName,
		entry.jobId,
		JSON.stringify(entry.detail),
	]);
}

function toJson(entries: AuditEntryView[], isFirst: boolean): string {
	const text = entries.map((entry) => `\n${JSON.stringify(entry)}`).join(',');
	return isFirst ? text : `,${text}`;
}
