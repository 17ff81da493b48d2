import { type AuditFilterInput, type AuditKind, auditKind } from '#shared/audit.ts';

/** What the page is filtered by, as its address has it. Empty means everything; days are those of the browser. */
export type AuditQuery = {
	connection: string;
	project: string;
	kind: AuditKind | '';
	actor: string;
	/** `2026-01-31` */
	from: string;
	to: string;
	all: boolean;
};

export const EVERYTHING: AuditQuery = {
	connection: '',
	project: '',
	kind: '',
	actor: '',
	from: '',
	to: '',
	all: false,
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function readAuditQuery(params: URLSearchParams): AuditQuery {
	const text = (name: string): string => (params.get(name) ?? '').slice(0, 64);
	const day = (name: string): string => (isDay(text(name)) ? text(name) : '');
	return {
		connection: text('connection'),
		project: text('project'),
		kind: auditKind.safeParse(text('kind')).data ?? '',
		actor: (params.get('actor') ?? '').slice(0, 80),
		from: day('from'),
		to: day('to'),
		all: params.get('all') === 'true',
	};
}

/** What of a query differs from everything, for the page's own address. */
export function writeAuditQuery(query: AuditQuery): string {
	const entries = Object.entries(query).filter(([, value]) => value !== '' && value !== false);
	return new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
}

/** What the server is asked. The last day counts to its end. */
export function toAuditFilter(query: AuditQuery): AuditFilterInput {
	const { connection, project, kind, actor, from, to, all } = query;
	return {
		...(connection !== '' && { connectionId: connection }),
		...(project !== '' && { projectId: project }),
		...(kind !== '' && { kind }),
		...(actor !== '' && { actor }),
		...(from !== '' && { from: startOf(from, 0) }),
		...(to !== '' && { to: startOf(to, 1) }),
		...(all && { all }),
	};
}

/** Where the browser downloads what a query matches. */
export function exportAddress(query: AuditQuery, format: 'csv' | 'json'): string {
	const params = Object.entries(toAuditFilter(query)).map(([name, value]) => [name, String(value)]);
	const text = new URLSearchParams(params).toString();
	return `/api/audit.${format}${text === '' ? '' : `?${text}`}`;
}

export function isFiltered({ all: _, ...query }: AuditQuery): boolean {
	return Object.values(query).some((value) => value !== '');
}

function isDay(text: string): boolean {
	return DAY.test(text) && !Number.isNaN(Date.parse(text));
}

function startOf(day: string, later: number): string {
	const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
	return new Date(year, month - 1, date + later).toISOString();
}
