import type { WellKnownPreview, WellKnownProvider } from '#shared/wellKnown.ts';
import { Checkbox } from '../../ui/Checkbox.tsx';
import { ProviderLogo } from '../../ui/ProviderLogo.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { providerWords } from './wellKnownForm.ts';

type Props = {
	preview: WellKnownPreview;
	chosen: string[];
	connected: string[];
	onChange: (chosen: string[]) => void;
};

/** The providers of a document; each that can be connected can be chosen, the others say why not. */
export function ConfiguredProviders({ preview, chosen, connected, onChange }: Props) {
	if (preview.providers.length === 0)
		return <p className="text-ink-soft">{preview.needsToken ? 'Nothing so far.' : 'No provider at all.'}</p>;
	const toggle = (id: string, on: boolean) => onChange(on ? [...chosen, id] : chosen.filter((one) => one !== id));
	return (
		<ul aria-label="Providers" className="divide-y divide-line rounded-lg border border-line">
			{preview.providers.map((provider) => (
				<li key={provider.id}>
					{provider.unavailable === null && !connected.includes(provider.id) ? (
						// biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside
						<label className="flex items-start gap-3 px-3 py-2.5">
							<Checkbox
								checked={chosen.includes(provider.id)}
								onChange={(on) => toggle(provider.id, on)}
								className="mt-0.5"
							/>
							<Line provider={provider} />
						</label>
					) : (
						<div className="flex items-start gap-3 px-3 py-2.5">
							<span className="w-4 shrink-0" />
							<Line provider={provider} />
							{connected.includes(provider.id) && <StatusBadge tone="ok">Connected</StatusBadge>}
						</div>
					)}
				</li>
			))}
		</ul>
	);
}

function Line({ provider }: { provider: WellKnownProvider }) {
	return (
		<span className="flex min-w-0 flex-1 items-start gap-2.5">
			<ProviderLogo providerId={provider.id} name={provider.name} size={18} className="mt-0.5" />
			<span className="min-w-0">
				<span className="block font-medium">{provider.name}</span>
				{provider.unavailable === null ? (
					<span className="block text-sm break-words text-ink-soft">{providerWords(provider)}</span>
				) : (
					<span className="block text-sm text-warn">{provider.unavailable}</span>
				)}
			</span>
		</span>
	);
}
