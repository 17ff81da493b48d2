import { actions } from 'astro:actions';
import { useState } from 'react';
import type { EnvironmentKey } from '#shared/moveIn.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { callAction, type Failure } from '../../ui/callAction.ts';
import { ProviderLogo } from '../../ui/ProviderLogo.tsx';
import { SectionHeader } from '../../ui/SectionHeader.tsx';
import { Select } from '../../ui/Select.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { toast } from '../../ui/toast.ts';
import { useLive } from '../../ui/useLive.ts';
import { usePasswordConfirmation } from '../usePasswordConfirmation.tsx';

type Props = { keys: EnvironmentKey[] };

/** Provider keys that the server was started with: to be seen, and copied to where projects may use them. */
export function EnvironmentKeys({ keys: first }: Props) {
	const [keys, setKeys] = useState(first);
	const reload = async () => {
		const result = await callAction(actions.settings.listEnvironmentKeys());
		if (result.ok) setKeys(result.data.keys);
	};
	useLive((event) => {
		if (event.type === 'connection.changed' || event.type === 'connection.removed') void reload();
	});
	return (
		<section aria-labelledby="environment">
			<SectionHeader id="environment" title="Keys in the environment">
				This server was started with these. No project uses one until you copy it.
			</SectionHeader>
			<Card flush>
				<ul aria-label="Keys in the environment" className="divide-y divide-line">
					{keys.map((key) => (
						<EnvironmentRow key={key.name} environmentKey={key} onCopied={() => void reload()} />
					))}
				</ul>
			</Card>
		</section>
	);
}

function EnvironmentRow({ environmentKey, onCopied }: { environmentKey: EnvironmentKey; onCopied: () => void }) {
	const { name, lastFour, providers, copiedAs, problem } = environmentKey;
	const [providerId, setProviderId] = useState(providers[0]?.id ?? '');
	const provider = providers.find(({ id }) => id === providerId);
	const providerName = provider?.name ?? name;
	return (
		<li aria-label={name} className="flex flex-wrap items-start gap-x-3 gap-y-3 p-4">
			<ProviderLogo providerId={providerId} name={providerName} size={24} className="mt-0.5" />
			<div className="min-w-0 flex-1 basis-48">
				<div className="flex flex-wrap items-center gap-x-2 gap-y-1">
					<span className="font-medium">{providerName}</span>
					<Badge>From environment</Badge>
				</div>
				<p className="mt-1 text-sm break-all text-ink-soft">
					<code className="font-mono">{name}</code>
					{lastFour !== null && <span className="tabular"> ···{lastFour}</span>}
				</p>
			</div>
			{providers.length > 1 && copiedAs === null && (
				<Select
					label={`Provider of ${name}`}
					value={providerId}
					onChange={setProviderId}
					options={providers.map(({ id, name: text }) => ({ value: id, text }))}
					className="w-auto! min-w-40"
				/>
			)}
			{copiedAs === null ? (
				<CopyKey
					name={name}
					providerId={providerId}
					providerName={providerName}
					problem={problem}
					onCopied={onCopied}
				/>
			) : (
				<StatusBadge tone="ok">In the encrypted store as “{copiedAs}”</StatusBadge>
			)}
		</li>
	);
}

type CopyProps = {
	name: string;
	providerId: string;
	providerName: string;
	problem: string | null;
	onCopied: () => void;
};

function CopyKey({ name, providerId, providerName, problem, onCopied }: CopyProps) {
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | null>(null);
	const { confirmed, dialog } = usePasswordConfirmation();
	const copy = async (skipTest: boolean) => {
		setBusy(true);
		setFailure(null);
		const input = { name, providerId, skipTest };
		const result = await confirmed(() => callAction(actions.settings.copyEnvironmentKey(input)));
		setBusy(false);
		if (!result.ok) return setFailure(result);
		toast.ok(`${providerName} is connected`, `${name} can leave the environment now.`);
		onCopied();
	};
	const error = failure?.message ?? problem;
	return (
		<>
			<Button size="sm" busy={busy} disabledReason={problem ?? undefined} onClick={() => void copy(false)}>
				{busy ? `Checking with ${providerName}…` : 'Copy into the encrypted store'}
			</Button>
			<div role="alert" className="flex w-full flex-wrap items-center gap-x-3 gap-y-2 text-sm text-bad empty:hidden">
				{error}
				{failure?.code === 'unavailable' && (
					<Button size="sm" onClick={() => void copy(true)}>
						Copy without testing
					</Button>
				)}
			</div>
			{dialog}
		</>
	);
}
