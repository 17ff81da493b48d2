import { actions } from 'astro:actions';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { AuditEntryView } from '#shared/audit.ts';
import type { LiveEvent } from '#shared/live.ts';
import { callAction } from '../ui/callAction.ts';
import { useLive } from '../ui/useLive.ts';
import { PAGE, withNewest } from './auditList.ts';
import { type AuditQuery, toAuditFilter, writeAuditQuery } from './auditQuery.ts';

/** How long to wait after a sign that something happened, in ms: signs come in bunches. */
const SETTLE = 700;

type Audit = {
	entries: AuditEntryView[];
	hasOlder: boolean;
	loading: boolean;
	error: string | null;
	query: AuditQuery;
	setQuery: (query: AuditQuery) => void;
	loadOlder: () => void;
	reload: () => void;
};

/** The entries that a query lets through, newest first; new ones come in by themselves. */
export function useAudit(first: AuditEntryView[], initial: AuditQuery): Audit {
	const [query, setQuery] = useState(initial);
	const [entries, setEntries] = useState(first);
	const [hasOlder, setHasOlder] = useState(first.length >= PAGE);
	const [state, setState] = useState<{ loading: boolean; error: string | null }>({ loading: false, error: null });
	const round = useRef(0);
	const load = async (wanted: AuditQuery, how: 'anew' | 'older' | 'newest') => {
		const mine = how === 'newest' ? round.current : ++round.current;
		if (how !== 'newest') setState({ loading: true, error: null });
		const before = how === 'older' ? entries.at(-1)?.id : undefined;
		const input = { ...toAuditFilter(wanted), limit: PAGE, ...(before !== undefined && { before }) };
		const result = await callAction(actions.audit.list(input));
		// Another query was asked meanwhile: its answer is the one to show.
		if (mine !== round.current) return;
		if (how !== 'newest') setState({ loading: false, error: result.ok ? null : result.message });
		if (!result.ok) return;
		const page = result.data.entries;
		if (how !== 'newest') setHasOlder(page.length >= PAGE);
		setEntries((shown) => (how === 'anew' ? page : how === 'older' ? [...shown, ...page] : withNewest(shown, page)));
	};
	// After a pause anything may have changed, and the browser's days are not the server's. Unless one has read further.
	useLive((event) => {
		if (event.type === 'hello') void load(query, entries.length > PAGE ? 'newest' : 'anew');
	});
	useSigns(() => void load(query, 'newest'));
	return {
		...state,
		entries,
		hasOlder,
		query,
		setQuery: (next) => {
			setQuery(next);
			const search = writeAuditQuery(next);
			history.replaceState(null, '', search === '' ? location.pathname : `?${search}`);
			void load(next, 'anew');
		},
		loadOlder: () => void load(query, 'older'),
		reload: () => void load(query, 'anew'),
	};
}

/** Calls when live events say that there is likely something new in the trail. */
function useSigns(onSign: () => void): void {
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const sign = useEffectEvent(onSign);
	useLive((event) => {
		if (!isSign(event)) return;
		clearTimeout(timer.current);
		timer.current = setTimeout(() => sign(), SETTLE);
	});
	useEffect(() => () => clearTimeout(timer.current), []);
}

function isSign(event: LiveEvent): boolean {
	if (event.type === 'job.changed') return event.job.finishedAt !== null;
	return event.type === 'connection.changed' || event.type === 'connection.removed';
}
