import { type UsageFilterInput, type UsageGrouping, usageFilter, usageGrouping } from '#shared/usage.ts';

/** What the page is about, as its address has it. Empty means everything; days are those of UTC. */
export type UsageQuery = {
	by: UsageGrouping;
	project: string;
	connection: string;
	/** `2026-01-31`; empty for the last thirty days. */
	from: string;
	to: string;
	all: boolean;
};

export const EVERYTHING: UsageQuery = { by: 'day', project: '', connection: '', from: '', to: '', all: false };

export function readUsageQuery(params: URLSearchParams): UsageQuery {
	const text = (name: string): string => (params.get(name) ?? '').slice(0, 64);
	const day = (name: 'from' | 'to'): string => usageFilter.shape[name].safeParse(text(name)).data ?? '';
	return {
		by: usageGrouping.safeParse(text('by')).data ?? 'day',
		project: text('project'),
		connection: text('connection'),
		from: day('from'),
		to: day('to'),
		all: params.get('all') === 'true',
	};
}

/** What of a query differs from everything, for the page's own address. */
export function writeUsageQuery(query: UsageQuery): string {
	const entries = Object.entries(query).filter(([name, value]) => value !== EVERYTHING[name as keyof UsageQuery]);
	return new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
}

/** What the server is asked, but for what it is broken down by. */
export function toUsageFilter({ project, connection, from, to, all }: UsageQuery): UsageFilterInput {
	return {
		...(project !== '' && { projectId: project }),
		...(connection !== '' && { connectionId: connection }),
		...(from !== '' && { from }),
		...(to !== '' && { to }),
		...(all && { all }),
	};
}

/** Where the browser downloads what the table shows. */
export function exportAddress(query: UsageQuery): string {
	const params = Object.entries({ by: query.by, ...toUsageFilter(query) }).map(([name, value]) => [
		name,
		String(value),
	]);
	return `/api/usage.csv?${new URLSearchParams(params)}`;
}

export function isFiltered({ project, connection, from, to }: UsageQuery): boolean {
	return [project, connection, from, to].some((value) => value !== '');
}
