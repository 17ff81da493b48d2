import { KeyRound } from 'lucide-react';
import type { MoveInEntry } from '#shared/moveIn.ts';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { ProviderLogo } from '../../ui/ProviderLogo.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { stateWords, typeWords } from './moveInWords.ts';

type Props = { entries: MoveInEntry[]; chosen: string[]; onChange: (chosen: string[]) => void };

/** What a text holds, line by line; what is new can be ticked, and the rest says why not. */
export function EntryList({ entries, chosen, onChange }: Props) {
	const toggle = (id: string, on: boolean) => onChange(on ? [...chosen, id] : chosen.filter((one) => one !== id));
	return (
		<ul aria-label="Keys found" className="divide-y divide-line rounded-lg border border-line">
			{entries.map((entry) => (
				<li key={entry.id}>
					{entry.state === 'new' ? (
						// biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside
						<label className="flex cursor-pointer items-start gap-3 px-3 py-2.5 hover:bg-sunken">
							<Checkbox
								checked={chosen.includes(entry.id)}
								onChange={(on) => toggle(entry.id, on)}
								className="mt-0.5"
							/>
							<Line entry={entry} />
						</label>
					) : (
						<div className="flex items-start gap-3 px-3 py-2.5">
							<span className="w-4 shrink-0" />
							<Line entry={entry} />
						</div>
					)}
				</li>
			))}
		</ul>
	);
}

function Line({ entry }: { entry: MoveInEntry }) {
	const { words, ...look } = stateWords(entry.state);
	return (
		<span className="flex min-w-0 flex-1 flex-wrap items-start gap-x-3 gap-y-1">
			<span className="flex min-w-0 flex-1 basis-40 items-start gap-2.5">
				{entry.providerId === null ? (
					<KeyRound size={18} aria-hidden className="mt-0.5 shrink-0 text-ink-faint" />
				) : (
					<ProviderLogo
						providerId={entry.providerId}
						name={entry.providerName ?? entry.providerId}
						size={18}
						className="mt-0.5"
					/>
				)}
				<span className="min-w-0">
					<span className="block font-medium">{entry.providerName ?? 'No provider'}</span>
					<span className="block text-sm break-words text-ink-soft">
						<span className="font-mono break-all">{entry.source}</span> · {typeWords(entry)}
						{entry.label !== '' && entry.label !== 'Default' && ` · as “${entry.label}”`}
					</span>
				</span>
			</span>
			<StatusBadge {...look}>{words}</StatusBadge>
			{entry.reason !== null && <span className="w-full text-sm text-ink-soft">{entry.reason}</span>}
		</span>
	);
}
