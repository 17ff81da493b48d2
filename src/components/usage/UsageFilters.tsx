import { type UsageChoices, type UsageGrouping, usageGrouping } from '#shared/usage.ts';
import { Combobox } from '../ui/Combobox.tsx';
import { Input } from '../ui/Input.tsx';
import { Select } from '../ui/Select.tsx';
import type { UsageQuery } from './usageQuery.ts';
import { GROUPING_WORDS } from './usageWords.ts';

type Props = {
	query: UsageQuery;
	choices: UsageChoices;
	/** The days that the report is about, also when none are set. */
	days: { from: string; to: string };
	onChange: (query: UsageQuery) => void;
};

const ALL = 'all';

export function UsageFilters({ query, choices, days, onChange }: Props) {
	const set = (part: Partial<UsageQuery>) => onChange({ ...query, ...part });
	return (
		<div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
			<Day label="From" value={query.from || days.from} onChange={(from) => set({ from })} />
			<Day label="Until" value={query.to || days.to} onChange={(to) => set({ to })} />
			<Combobox
				label="Project"
				value={query.project || ALL}
				options={optionsOf('Every project', choices.projects, query.project)}
				onChange={(value) => set({ project: value === ALL ? '' : value })}
			/>
			<Combobox
				label="Connection"
				value={query.connection || ALL}
				options={optionsOf('Every connection', choices.connections, query.connection)}
				onChange={(value) => set({ connection: value === ALL ? '' : value })}
			/>
		</div>
	);
}

type GroupingProps = { by: UsageGrouping; withPeople: boolean; onChange: (by: UsageGrouping) => void };

/** What the table is broken down by; people only where there are several. */
export function GroupingSelect({ by, withPeople, onChange }: GroupingProps) {
	const groupings = usageGrouping.options.filter((each) => each !== 'person' || withPeople || by === 'person');
	return (
		<Select
			label="Broken down by"
			look="ghost"
			value={by}
			options={groupings.map((each) => ({ value: each, text: `By ${GROUPING_WORDS[each].toLowerCase()}` }))}
			onChange={(value) => onChange(usageGrouping.parse(value))}
		/>
	);
}

function Day({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
	return (
		// biome-ignore lint/a11y/noLabelWithoutControl: the input is inside
		<label className="flex items-center gap-2 text-sm text-ink-soft max-sm:flex-col max-sm:items-start max-sm:gap-1">
			{label}
			<Input type="date" value={value} onChange={(event) => onChange(event.target.value)} />
		</label>
	);
}

/** What is filtered by stays an option, also when there is nothing on record of it yet. */
function optionsOf(everything: string, choices: UsageChoices['projects'], current: string) {
	const known = current === '' || choices.some(({ id }) => id === current);
	const all = known ? choices : [...choices, { id: current, name: 'Nothing yet' }];
	return [{ value: ALL, text: everything }, ...all.map(({ id, name }) => ({ value: id, text: name }))];
}
