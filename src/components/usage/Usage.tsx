import { actions } from 'astro:actions';
import { ChartColumn, Download } from 'lucide-react';
import { useState } from 'react';
import { type UsageChoices, type UsageSums, usdWords } from '#shared/usage.ts';
import { Button } from '../ui/Button.tsx';
import { Card } from '../ui/Card.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { LoadFailure } from '../ui/LoadFailure.tsx';
import { SectionHeader } from '../ui/SectionHeader.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { useLoaded } from '../ui/useLoaded.ts';
import { DayChart } from './DayChart.tsx';
import { GroupingSelect, UsageFilters } from './UsageFilters.tsx';
import { UsageTable } from './UsageTable.tsx';
import { EVERYTHING, exportAddress, isFiltered, type UsageQuery } from './usageQuery.ts';
import { countWords, type Metric } from './usageWords.ts';
import { type Reports, useUsage } from './useUsage.ts';

type Props = {
	reports: Reports;
	choices: UsageChoices;
	query: UsageQuery;
	/** Admins may see what everybody used. */
	canSeeAll: boolean;
};

/** What was used, and what it cost: totals, a chart of the days, and a table broken down as one likes. */
export function Usage({ reports: first, choices: firstChoices, query: initial, canSeeAll }: Props) {
	const { reports, query, setQuery, loading, error, reload } = useUsage(first, initial);
	const choices = useLoaded(() => actions.usage.choices({ all: query.all }), String(query.all)).data ?? firstChoices;
	const { totals, from, to } = reports.table;
	return (
		<section aria-labelledby="usage" className="flex flex-col">
			<SectionHeader
				id="usage"
				title="Usage"
				action={
					<Button icon={<Download size={16} aria-hidden />} href={exportAddress(query)}>
						Export as CSV
					</Button>
				}
			>
				What your connections were used for, by the prices that providers publish. Days are those of UTC.
			</SectionHeader>
			<div className="mb-4 flex flex-col gap-3">
				<UsageFilters query={query} choices={choices} days={{ from, to }} onChange={setQuery} />
				{canSeeAll && (
					<Switch
						label="Show everybody’s"
						checked={query.all}
						onChange={(all) => setQuery({ ...query, by: 'day', project: '', connection: '', all })}
					/>
				)}
			</div>
			{error !== null && <LoadFailure error={error} onRetry={reload} />}
			{error === null && totals.calls === 0 && (
				<Card flush>
					<Empty query={query} onClear={() => setQuery({ ...EVERYTHING, by: query.by, all: query.all })} />
				</Card>
			)}
			{error === null && totals.calls > 0 && (
				<div aria-busy={loading} className="flex flex-col gap-4">
					<Totals totals={totals} />
					<Chart reports={reports} />
					<Card flush>
						<div className="flex items-center border-b border-line px-2 py-1.5">
							<GroupingSelect by={query.by} withPeople={query.all} onChange={(by) => setQuery({ ...query, by })} />
						</div>
						<UsageTable report={reports.table} />
					</Card>
				</div>
			)}
		</section>
	);
}

function Totals({ totals }: { totals: UsageSums }) {
	const figures = [
		['Cost', usdWords(totals.priceUsd)],
		['Input tokens', countWords(totals.inputTokens)],
		['Cached tokens', countWords(totals.cachedTokens)],
		['Output tokens', countWords(totals.outputTokens)],
		['Reasoning tokens', countWords(totals.reasoningTokens)],
		['Calls', countWords(totals.calls)],
	] as const;
	return (
		<dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3 lg:grid-cols-6">
			{figures.map(([name, words]) => (
				<div key={name} className="flex flex-col-reverse bg-surface px-4 py-3">
					<dt className="text-xs text-ink-faint">{name}</dt>
					<dd className="tabular text-lg font-semibold">{words}</dd>
				</div>
			))}
		</dl>
	);
}

const METRICS = [
	{ value: 'cost', text: 'Cost a day' },
	{ value: 'tokens', text: 'Tokens a day' },
];

function Chart({ reports }: { reports: Reports }) {
	const [metric, setMetric] = useState<Metric>(reports.days.totals.priceUsd > 0 ? 'cost' : 'tokens');
	return (
		<Card flush>
			<div className="flex items-center border-b border-line px-2 py-1.5">
				<Select
					label="Shown in the chart"
					look="ghost"
					value={metric}
					options={METRICS}
					onChange={(value) => setMetric(value === 'tokens' ? 'tokens' : 'cost')}
				/>
			</div>
			<div className="p-4">
				<DayChart days={reports.days.rows} metric={metric} />
			</div>
		</Card>
	);
}

function Empty({ query, onClear }: { query: UsageQuery; onClear: () => void }) {
	const filtered = isFiltered(query);
	return (
		<EmptyState
			icon={<ChartColumn size={24} aria-hidden />}
			title={filtered ? 'Nothing matches these filters' : 'Nothing was used yet'}
			action={filtered && <Button onClick={onClear}>Clear the filters</Button>}
		>
			{filtered ? null : 'Write a message in a project, and what it took appears here.'}
		</EmptyState>
	);
}
