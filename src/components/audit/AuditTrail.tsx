import { actions } from 'astro:actions';
import { Download, ScrollText } from 'lucide-react';
import type { AuditChoices, AuditEntryView } from '#shared/audit.ts';
import { Button } from '../ui/Button.tsx';
import { Card } from '../ui/Card.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { LoadFailure } from '../ui/LoadFailure.tsx';
import { Menu } from '../ui/Menu.tsx';
import { SectionHeader } from '../ui/SectionHeader.tsx';
import { Switch } from '../ui/Switch.tsx';
import { useLoaded } from '../ui/useLoaded.ts';
import { AuditFilters } from './AuditFilters.tsx';
import { AuditRow } from './AuditRow.tsx';
import { type AuditQuery, EVERYTHING, exportAddress, isFiltered } from './auditQuery.ts';
import { useAudit } from './useAudit.ts';

type Props = {
	entries: AuditEntryView[];
	choices: AuditChoices;
	query: AuditQuery;
	/** Admins may see what everybody did. */
	canSeeAll: boolean;
};

/** Who did what with which connection, when, and in which project and job. */
export function AuditTrail({ entries: first, choices: firstChoices, query: initial, canSeeAll }: Props) {
	const audit = useAudit(first, initial);
	const { entries, query, setQuery, error } = audit;
	const choices = useLoaded(() => actions.audit.choices({ all: query.all }), String(query.all)).data ?? firstChoices;
	return (
		<section aria-labelledby="audit" className="flex flex-col">
			<SectionHeader id="audit" title="Audit trail" action={<ExportMenu query={query} />}>
				What happened with your connections, and where they were used. Never a key.
			</SectionHeader>
			<div className="mb-3 flex flex-col gap-3">
				<AuditFilters query={query} choices={choices} onChange={setQuery} />
				{canSeeAll && (
					<Switch
						label="Show everybody’s"
						checked={query.all}
						onChange={(all) => setQuery({ ...query, connection: '', project: '', actor: '', all })}
					/>
				)}
			</div>
			<Card flush>
				{error !== null && <LoadFailure error={error} onRetry={audit.reload} />}
				{error === null && entries.length === 0 && (
					<Empty query={query} onClear={() => setQuery({ ...EVERYTHING, all: query.all })} />
				)}
				<ul aria-label="Entries" aria-busy={audit.loading} className="divide-y divide-line empty:hidden">
					{entries.map((entry) => (
						<AuditRow key={entry.id} entry={entry} withOwner={query.all} />
					))}
				</ul>
			</Card>
			{audit.hasOlder && (
				<Button className="mt-3 self-center" busy={audit.loading} onClick={audit.loadOlder}>
					{audit.loading ? 'Loading older entries…' : 'Show older entries'}
				</Button>
			)}
		</section>
	);
}

function ExportMenu({ query }: { query: AuditQuery }) {
	return (
		<Menu
			trigger={<Button icon={<Download size={16} aria-hidden />}>Export</Button>}
			items={[
				{ kind: 'link', label: 'As CSV, for a spreadsheet', href: exportAddress(query, 'csv') },
				{ kind: 'link', label: 'As JSON', href: exportAddress(query, 'json') },
			]}
		/>
	);
}

function Empty({ query, onClear }: { query: AuditQuery; onClear: () => void }) {
	const filtered = isFiltered(query);
	return (
		<EmptyState
			icon={<ScrollText size={24} aria-hidden />}
			title={filtered ? 'Nothing matches these filters' : 'Nothing yet'}
			action={filtered && <Button onClick={onClear}>Clear the filters</Button>}
		>
			{filtered ? null : 'Connect a provider, and what happens with it appears here.'}
		</EmptyState>
	);
}
