import {
	ArrowDown,
	ArrowUp,
	CircleStar,
	Ellipsis,
	FlaskConical,
	History,
	KeyRound,
	LogIn,
	MoveUp,
	PackageCheck,
	Pencil,
	RotateCw,
	Unplug,
	UserCheck,
} from 'lucide-react';
import type { ConnectionView } from '#shared/providers.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { connectionName } from './connectionWords.ts';

export type RowAction =
	| 'test'
	| 'edit'
	| 'replaceKey'
	| 'refresh'
	| 'signIn'
	| 'upgrade'
	| 'activate'
	| 'prefer'
	| 'moveUp'
	| 'moveDown'
	| 'projects'
	| 'deliveries'
	| 'disconnect';

/** Where a row stands among the others. */
export type Place = {
	isFirst: boolean;
	isLast: boolean /** Whether its provider has other accounts. */;
	hasTwins: boolean;
};

type Props = { connection: ConnectionView; place: Place; onAction: (action: RowAction) => void };

/** All that can be done with a connection; also the way to its place in the order, by keyboard. */
export function ConnectionMenu({ connection, place, onAction }: Props) {
	const label = `More for ${connectionName(connection)}`;
	return (
		<Menu
			trigger={
				<IconButton
					label={label}
					quiet
					size="sm"
					data-connection={connection.id}
					icon={<Ellipsis size={16} aria-hidden />}
				/>
			}
			items={menuItems(connection, place, onAction)}
		/>
	);
}

function menuItems(connection: ConnectionView, place: Place, onAction: Props['onAction']): MenuItem[] {
	const item = (
		action: RowAction,
		words: string,
		Icon: typeof Ellipsis,
		more: { disabled?: boolean } = {},
	): MenuItem => ({
		label: words,
		icon: <Icon size={14} aria-hidden />,
		onSelect: () => onAction(action),
		...more,
	});
	const { authType, scripted, preferred, active, id, wellKnown, fields } = connection;
	const activity: MenuItem = {
		kind: 'link',
		label: 'Activity',
		icon: <History size={14} aria-hidden />,
		href: `/audit?connection=${encodeURIComponent(id)}`,
	};
	if (connection.legacy) return [item('upgrade', 'Upgrade', MoveUp), activity];
	return [
		item('test', 'Test', FlaskConical),
		...(authType === 'oauth' ? [item('signIn', 'Sign in again', LogIn)] : []),
		...(authType !== 'oauth' && !scripted
			? [item('replaceKey', wellKnown === null ? 'Replace key' : 'Replace token', KeyRound)]
			: []),
		...(wellKnown === null ? [] : [item('refresh', 'Read configuration again', RotateCw)]),
		item('edit', Object.keys(fields).length === 0 ? 'Rename' : 'Edit', Pencil),
		{ kind: 'separator' },
		...(place.hasTwins
			? [item('activate', active ? 'Is in use' : 'Use this account', UserCheck, { disabled: active })]
			: []),
		item('prefer', preferred ? 'Is the default' : 'Make default', CircleStar, { disabled: preferred }),
		item('moveUp', 'Move up', ArrowUp, { disabled: place.isFirst }),
		item('moveDown', 'Move down', ArrowDown, { disabled: place.isLast }),
		{ kind: 'separator' },
		item('deliveries', 'Deliveries', PackageCheck),
		activity,
		{ kind: 'separator' },
		{
			label: 'Disconnect',
			tone: 'danger',
			icon: <Unplug size={14} aria-hidden />,
			onSelect: () => onAction('disconnect'),
		},
	];
}
