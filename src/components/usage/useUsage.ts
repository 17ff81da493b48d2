import { actions } from 'astro:actions';
import { useRef, useState } from 'react';
import type { UsageReport } from '#shared/usage.ts';
import { callAction } from '../ui/callAction.ts';
import { toUsageFilter, type UsageQuery, writeUsageQuery } from './usageQuery.ts';

/** The table's report, and that of the days for the chart. */
export type Reports = { table: UsageReport; days: UsageReport };

type Usage = {
	reports: Reports;
	query: UsageQuery;
	setQuery: (query: UsageQuery) => void;
	loading: boolean;
	error: string | null;
	reload: () => void;
};

/** What a query asks for; the reports of the query before stay until the new ones are there. */
export function useUsage(first: Reports, initial: UsageQuery): Usage {
	const [query, setQuery] = useState(initial);
	const [reports, setReports] = useState(first);
	const [state, setState] = useState<{ loading: boolean; error: string | null }>({ loading: false, error: null });
	const round = useRef(0);
	const load = async (wanted: UsageQuery) => {
		const mine = ++round.current;
		setState({ loading: true, error: null });
		const filter = toUsageFilter(wanted);
		const ask = (by: UsageQuery['by']) => callAction(actions.usage.report({ ...filter, by }));
		const days = ask('day');
		const [table, chart] = await Promise.all([wanted.by === 'day' ? days : ask(wanted.by), days]);
		// Another query was asked meanwhile: its answer is the one to show.
		if (mine !== round.current) return;
		if (table.ok && chart.ok) setReports({ table: table.data, days: chart.data });
		const failure = table.ok ? chart : table;
		setState({ loading: false, error: failure.ok ? null : failure.message });
	};
	return {
		...state,
		reports,
		query,
		setQuery: (next) => {
			setQuery(next);
			const search = writeUsageQuery(next);
			history.replaceState(null, '', search === '' ? location.pathname : `?${search}`);
			void load(next);
		},
		reload: () => void load(query),
	};
}
