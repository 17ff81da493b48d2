import type { AuditChoices } from '#shared/audit.ts';
import { auditKind } from '#shared/audit.ts';
import { Combobox } from '../ui/Combobox.tsx';
import { Input } from '../ui/Input.tsx';
import { Select } from '../ui/Select.tsx';
import type { AuditQuery } from './auditQuery.ts';
import { KIND_WORDS } from './auditWords.ts';

type Props = { query: AuditQuery; choices: AuditChoices; onChange: (query: AuditQuery) => void };

const ALL = 'all';
const KINDS = [
	{ value: ALL, text: 'Everything' },
	...auditKind.options.map((kind) => ({ value: kind, text: KIND_WORDS[kind] })),
];

export function AuditFilters({ query, choices, onChange }: Props) {
	const set = (part: Partial<AuditQuery>) => onChange({ ...query, ...part });
	return (
		<div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
			<Combobox
				label="Connection"
				value={query.connection || ALL}
				options={optionsOf('Every connection', choices.connections, query.connection)}
				onChange={(value) => set({ connection: chosen(value) })}
			/>
			<Combobox
				label="Project"
				value={query.project || ALL}
				options={optionsOf('Every project', choices.projects, query.project)}
				onChange={(value) => set({ project: chosen(value) })}
			/>
			<Select
				label="What"
				value={query.kind || ALL}
				options={KINDS}
				onChange={(value) => set({ kind: auditKind.safeParse(value).data ?? '' })}
			/>
			<Combobox
				label="Who"
				value={query.actor || ALL}
				options={optionsOf('Everybody', choices.actors, query.actor)}
				onChange={(value) => set({ actor: chosen(value) })}
			/>
			<Day label="From" value={query.from} onChange={(from) => set({ from })} />
			<Day label="Until" value={query.to} onChange={(to) => set({ to })} />
		</div>
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

/** What is filtered by stays an option, also when nothing in the trail speaks of it yet. */
function optionsOf(everything: string, choices: { id: string; name: string }[], current: string) {
	const known = current === '' || choices.some(({ id }) => id === current);
	const all = known ? choices : [...choices, { id: current, name: 'Nothing yet' }];
	return [{ value: ALL, text: everything }, ...all.map(({ id, name }) => ({ value: id, text: name }))];
}

function chosen(value: string): string {
	return value === ALL ? '' : value;
}
