import { Command } from 'cmdk';
import { Building2, FlaskConical, type LucideIcon, MonitorCog, Search, ServerCog } from 'lucide-react';
import { useState } from 'react';
import type { AvailableProvider } from '#shared/providers.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Kbd } from '../../ui/Kbd.tsx';
import { ProviderLogo } from '../../ui/ProviderLogo.tsx';
import { rankProvider } from './rankProvider.ts';

type Props = {
	providers: AvailableProvider[];
	/** When it comes back in an open dialog; a dialog that opens gives the focus itself, and knows where to return it. */
	takeFocus: boolean;
	onPick: (provider: AvailableProvider) => void;
	/** With what was typed, when it is the name of nothing known. */
	onCustom: (name: string) => void;
	onLocal: () => void;
	onOrganisation: () => void;
};

const GROUP =
	'[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-faint';
const ITEM =
	'flex min-h-10 items-center gap-3 rounded-md px-2 py-1.5 select-none data-[disabled=true]:cursor-default data-[selected=true]:bg-sunken';

export function ProviderPicker({ providers, takeFocus, onPick, onCustom, onLocal, onOrganisation }: Props) {
	const [search, setSearch] = useState('');
	const matching = providers.filter((provider) => rankProvider(provider, search) > 0);
	const ranked = matching.toSorted((a, b) => rankProvider(b, search) - rankProvider(a, search));
	const row = (provider: AvailableProvider) => <ProviderItem key={provider.id} provider={provider} onPick={onPick} />;
	return (
		<Command label="Providers" loop shouldFilter={false} className="flex min-h-0 flex-1 flex-col">
			<div className="flex items-center gap-2.5 border-b border-line px-5">
				<Search size={16} aria-hidden className="shrink-0 text-ink-faint" />
				<Command.Input
					autoFocus={takeFocus}
					value={search}
					onValueChange={setSearch}
					placeholder="Search providers"
					className="h-11 w-full bg-transparent text-[16px] outline-none sm:text-base"
				/>
			</div>
			<Command.List className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-3 pb-3">
				{matching.length === 0 && (
					<p className="px-2 pt-4 pb-1 text-ink-soft">
						No provider is called “{search}”. Any address that speaks a known format can be connected:
					</p>
				)}
				<ProviderGroup heading="Popular" rows={ranked.filter((provider) => provider.popular).map(row)} />
				<ProviderGroup heading="Other" rows={ranked.filter((provider) => !provider.popular).map(row)} />
				<Command.Group className="mt-2 border-t border-line pt-2">
					<OtherWay
						value=":local"
						Icon={MonitorCog}
						name="On this machine"
						words="Ollama and LM Studio, found for you"
						onSelect={onLocal}
					/>
					<OtherWay
						value=":custom"
						Icon={ServerCog}
						name="Custom endpoint"
						words="vLLM, a proxy, or any compatible address"
						onSelect={() => onCustom(matching.length === 0 ? search.trim() : '')}
					/>
					<OtherWay
						value=":organisation"
						Icon={Building2}
						name="Organisation"
						words="One address that says which providers to use"
						onSelect={onOrganisation}
					/>
				</Command.Group>
			</Command.List>
			<p
				aria-hidden
				className="hidden items-center gap-1.5 border-t border-line px-5 py-2.5 text-xs text-ink-faint sm:flex"
			>
				<Kbd>↑</Kbd>
				<Kbd>↓</Kbd> to move <Kbd>Enter</Kbd> to choose <Kbd>Esc</Kbd> to close
			</p>
		</Command>
	);
}

type OtherWayProps = { value: string; Icon: LucideIcon; name: string; words: string; onSelect: () => void };

/** A way to models that is no provider of the list. */
function OtherWay({ value, Icon, name, words, onSelect }: OtherWayProps) {
	return (
		<Command.Item value={value} onSelect={onSelect} className={ITEM}>
			<Icon size={20} aria-hidden className="shrink-0 text-ink-soft" />
			<span className="min-w-0 flex-1">
				<span className="block font-medium">{name}</span>
				<span className="block text-sm text-ink-faint">{words}</span>
			</span>
		</Command.Item>
	);
}

function ProviderGroup({ heading, rows }: { heading: string; rows: React.ReactNode[] }) {
	if (rows.length === 0) return null;
	return (
		<Command.Group heading={heading} className={GROUP}>
			{rows}
		</Command.Group>
	);
}

function ProviderItem({ provider, onPick }: { provider: AvailableProvider; onPick: Props['onPick'] }) {
	const { id, name, unavailable, scripted, modelCount } = provider;
	return (
		<Command.Item value={id} disabled={unavailable !== null} onSelect={() => onPick(provider)} className={ITEM}>
			<ProviderLogo providerId={id} name={name} />
			<span className="min-w-0 flex-1">
				<span
					className={unavailable === null ? 'block truncate font-medium' : 'block truncate font-medium text-ink-soft'}
				>
					{name}
				</span>
				{unavailable !== null && <span className="block text-sm text-ink-faint">{unavailable}</span>}
			</span>
			{scripted && <Badge icon={<FlaskConical size={12} aria-hidden />}>Scripted, offline</Badge>}
			{id === 'opencode' && <Badge tone="ok">Free models</Badge>}
			{!scripted && unavailable === null && modelCount > 0 && (
				<span className="tabular hidden shrink-0 text-sm text-ink-faint sm:inline">
					{modelCount === 1 ? '1 model' : `${modelCount} models`}
				</span>
			)}
		</Command.Item>
	);
}
