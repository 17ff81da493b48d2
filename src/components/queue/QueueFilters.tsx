import { type JobState, jobState } from '#shared/queue.ts';
import { jobStateWords } from '../ui/JobStateBadge.tsx';
import { Select } from '../ui/Select.tsx';
import type { JobFilter } from './jobList.ts';

type Props = {
	filter: JobFilter;
	/** The types there are to choose from. */
	types: string[];
	onChange: (filter: JobFilter) => void;
};

const ALL = 'all';
const STATES = [
	{ value: ALL, text: 'Every state' },
	...jobState.options.map((state) => ({ value: state, text: jobStateWords(state) })),
];

export function QueueFilters({ filter, types, onChange }: Props) {
	const typeOptions = [{ value: ALL, text: 'Every type' }, ...types.map((type) => ({ value: type, text: type }))];
	return (
		<>
			<Select
				label="State"
				value={filter.state ?? ALL}
				onChange={(value) => onChange({ ...filter, state: value === ALL ? null : (value as JobState) })}
				options={STATES}
			/>
			<Select
				label="Type"
				value={filter.type ?? ALL}
				onChange={(value) => onChange({ ...filter, type: value === ALL ? null : value })}
				options={typeOptions}
			/>
		</>
	);
}
