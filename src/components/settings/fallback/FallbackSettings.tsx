import { actions } from 'astro:actions';
import { useState } from 'react';
import { type ConnectionView, type FallbackMode, isTroubled } from '#shared/providers.ts';
import { Card } from '../../ui/Card.tsx';
import { callAction } from '../../ui/callAction.ts';
import { connectionState } from '../../ui/connectionState.ts';
import { ProviderLogo } from '../../ui/ProviderLogo.tsx';
import { RadioList } from '../../ui/RadioList.tsx';
import { SectionHeader } from '../../ui/SectionHeader.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { toast } from '../../ui/toast.ts';
import { connectionName } from '../connections/connectionWords.ts';
import { FALLBACK_CHOICES, fallbackOrder } from './fallbackWords.ts';

export type Fallback = { mode: FallbackMode; returns: boolean };
type Props = { fallback: Fallback; connections: ConnectionView[] };

/** What happens to a prompt whose provider fails. Takes effect at once. */
export function FallbackSettings({ fallback, connections }: Props) {
	const [chosen, setChosen] = useState(fallback);
	const save = async (next: Fallback) => {
		const before = chosen;
		setChosen(next);
		const result = await callAction(actions.settings.setFallback(next));
		if (result.ok) return setChosen(result.data);
		setChosen(before);
		toast.bad('The setting was not changed', result.message);
	};
	return (
		<section aria-labelledby="fallback">
			<SectionHeader id="fallback" title="When a provider fails">
				Its key is rejected, its credit is used up, or it does not answer. A project can have a setting of its own.
			</SectionHeader>
			<Card className="grid gap-6 sm:grid-cols-2">
				<div className="flex flex-col gap-5">
					<RadioList
						label="When a provider fails"
						value={chosen.mode}
						onChange={(mode) => void save({ ...chosen, mode })}
						choices={FALLBACK_CHOICES}
					/>
					{chosen.mode !== 'off' && (
						<Switch
							label="Return when the first works again"
							hint="Otherwise a project stays with the one that stood in."
							checked={chosen.returns}
							onChange={(returns) => void save({ ...chosen, returns })}
						/>
					)}
				</div>
				{chosen.mode !== 'off' && <Order connections={connections} />}
			</Card>
		</section>
	);
}

function Order({ connections }: { connections: ConnectionView[] }) {
	const order = fallbackOrder(connections);
	return (
		<div>
			<h3 className="font-medium">Your order</h3>
			<p className="mt-0.5 text-sm text-ink-faint">
				{order.length < 2
					? 'Connect a second provider, and it can stand in for the first.'
					: 'Change it with “Move up” and “Move down” in the menu of a row.'}
			</p>
			<ol aria-label="Order of preference" className="mt-3 flex flex-col gap-2">
				{order.map((connection, at) => (
					<li key={connection.id} className="flex flex-wrap items-center gap-2">
						<span className="tabular w-5 shrink-0 text-right text-ink-faint">{at + 1}</span>
						<ProviderLogo providerId={connection.providerId} name={connection.providerName} size={16} />
						<span className="min-w-0 truncate">{connectionName(connection)}</span>
						{isTroubled(connection) && (
							<StatusBadge tone={connectionState(connection).tone}>{connectionState(connection).words}</StatusBadge>
						)}
					</li>
				))}
			</ol>
		</div>
	);
}
