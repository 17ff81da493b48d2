import { CircleStar, Ellipsis, FlaskConical, KeyRound, Pencil, Unplug } from 'lucide-react';
import type { ConnectionView } from '#shared/providers.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { ProviderLogo } from '../../ui/ProviderLogo.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Time } from '../../ui/Time.tsx';
import { connectionFacts, connectionState } from './connectionWords.ts';

export type RowAction = 'test' | 'edit' | 'replaceKey' | 'prefer' | 'disconnect';

type Props = {
	connection: ConnectionView;
	/** True while its key is being tried. */
	checking: boolean;
	onAction: (action: RowAction) => void;
};

export function ConnectionRow({ connection, checking, onAction }: Props) {
	const { providerId, providerName, label, scripted, preferred } = connection;
	const state = connectionState(connection);
	const name = label === providerName ? providerName : `${providerName}, ${label}`;
	return (
		<li aria-label={name} className="flex flex-wrap items-start gap-x-3 gap-y-3 p-4 sm:flex-nowrap">
			<ProviderLogo providerId={providerId} name={providerName} size={24} className="mt-0.5" />
			<div className="min-w-0 flex-1 basis-48">
				<div className="flex flex-wrap items-center gap-x-2 gap-y-1">
					<span className="font-medium">{providerName}</span>
					<span role="status">
						<StatusBadge tone={checking ? 'busy' : state.tone}>{checking ? 'Checking…' : state.words}</StatusBadge>
					</span>
					{preferred && <Badge tone="accent">Default</Badge>}
					{connection.legacy && <Badge>Legacy</Badge>}
					{scripted && <Badge icon={<FlaskConical size={12} aria-hidden />}>Scripted</Badge>}
				</div>
				<Facts connection={connection} />
				{!checking && <Problem connection={connection} onAction={onAction} />}
			</div>
			<div className="flex w-full items-center justify-end gap-1 pl-9 sm:w-auto sm:pl-0">
				<Button size="sm" busy={checking} aria-label={`Test ${name}`} onClick={() => onAction('test')}>
					Test
				</Button>
				<Button size="sm" aria-label={`Edit ${name}`} onClick={() => onAction('edit')}>
					Edit
				</Button>
				<Menu
					trigger={<IconButton label={`More for ${name}`} quiet size="sm" icon={<Ellipsis size={16} aria-hidden />} />}
					items={menuItems(connection, onAction)}
				/>
			</div>
		</li>
	);
}

function Facts({ connection }: { connection: ConnectionView }) {
	const { lastUsedAt } = connection;
	return (
		<p className="mt-1 flex flex-wrap text-sm text-ink-soft">
			{connectionFacts(connection).map((fact) => (
				<span
					key={fact}
					className="tabular after:mx-1.5 after:text-ink-faint after:content-['·'] last:after:content-none"
				>
					{fact}
				</span>
			))}
			{lastUsedAt !== null && (
				<span className="whitespace-nowrap">
					last used <Time at={lastUsedAt} />
				</span>
			)}
		</p>
	);
}

function Problem({ connection, onAction }: Pick<Props, 'connection' | 'onAction'>) {
	const { tone, cure } = connectionState(connection);
	const { errorMessage, updatedAt } = connection;
	if (errorMessage === null && cure !== 'replaceKey') return null;
	return (
		<div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-2">
			{errorMessage !== null && (
				<p className={cx('min-w-0 text-sm', tone === 'bad' ? 'text-bad' : 'text-ink-soft')}>
					{errorMessage} <Time at={updatedAt} className="text-ink-faint" />
				</p>
			)}
			{cure === 'replaceKey' && (
				<Button size="sm" icon={<KeyRound size={14} aria-hidden />} onClick={() => onAction('replaceKey')}>
					Replace key
				</Button>
			)}
		</div>
	);
}

function menuItems(connection: ConnectionView, onAction: Props['onAction']): MenuItem[] {
	const replace: MenuItem = {
		label: 'Replace key',
		icon: <KeyRound size={14} aria-hidden />,
		onSelect: () => onAction('replaceKey'),
	};
	return [
		...(connection.scripted ? [] : [replace]),
		{ label: 'Rename', icon: <Pencil size={14} aria-hidden />, onSelect: () => onAction('edit') },
		{
			label: connection.preferred ? 'Is the default' : 'Make default',
			icon: <CircleStar size={14} aria-hidden />,
			disabled: connection.preferred,
			onSelect: () => onAction('prefer'),
		},
		{ kind: 'separator' },
		{
			label: 'Disconnect',
			tone: 'danger',
			icon: <Unplug size={14} aria-hidden />,
			onSelect: () => onAction('disconnect'),
		},
	];
}
