import { Menu as Base } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { cx } from './cx.ts';
import { POPUP, POPUP_ITEM, POPUP_LABEL } from './popup.ts';

export type MenuItem =
	| {
			kind?: 'action';
			label: string;
			icon?: ReactNode;
			tone?: 'danger';
			hint?: string;
			disabled?: boolean;
			/** Set where the item is one of several choices: true for the one that holds. */
			checked?: boolean;
			onSelect: () => void;
	  }
	| { kind: 'link'; label: string; icon?: ReactNode; href: string; external?: boolean }
	| { kind: 'separator' }
	/** Items under a heading, such as the choices of one setting. */
	| { kind: 'group'; label: string; items: MenuItem[] };

type Props = {
	/** The button that opens it, such as an IconButton with `quiet`. */
	trigger: ReactElement<Record<string, unknown>>;
	items: MenuItem[];
	align?: 'start' | 'center' | 'end';
	/** Anything that stands above the items, such as who is signed in. */
	header?: ReactNode;
};

export function Menu({ trigger, items, align = 'end', header }: Props) {
	return (
		<Base.Root>
			<Base.Trigger render={trigger} />
			<Base.Portal>
				<Base.Positioner role="region" aria-label="Menu" align={align} sideOffset={4} className="z-50 outline-none">
					<Base.Popup className={cx(POPUP, 'min-w-40')}>
						{header}
						<Items items={items} />
					</Base.Popup>
				</Base.Positioner>
			</Base.Portal>
		</Base.Root>
	);
}

function Items({ items }: { items: MenuItem[] }) {
	return items.map((item, at) => <Item key={item.kind === 'separator' ? `line-${at}` : item.label} item={item} />);
}

function Item({ item }: { item: MenuItem }) {
	if (item.kind === 'group') {
		return (
			<Base.Group>
				<Base.GroupLabel className={POPUP_LABEL}>{item.label}</Base.GroupLabel>
				<Items items={item.items} />
			</Base.Group>
		);
	}
	if (item.kind === 'separator') return <Base.Separator className="my-1 h-px bg-line" />;
	if (item.kind === 'link') {
		const elsewhere = item.external ? { target: '_blank', rel: 'noopener noreferrer' } : {};
		return (
			<Base.LinkItem href={item.href} {...elsewhere} className={POPUP_ITEM}>
				{item.icon}
				{item.label}
			</Base.LinkItem>
		);
	}
	if (item.checked !== undefined) {
		return (
			<Base.CheckboxItem checked={item.checked} onCheckedChange={item.onSelect} closeOnClick className={POPUP_ITEM}>
				{item.icon}
				<span className="flex-1 pr-4">{item.label}</span>
				<Base.CheckboxItemIndicator>
					<Check size={14} aria-hidden />
				</Base.CheckboxItemIndicator>
			</Base.CheckboxItem>
		);
	}
	return (
		<Base.Item
			onClick={item.onSelect}
			disabled={item.disabled ?? false}
			className={cx(POPUP_ITEM, item.tone === 'danger' && 'text-bad')}
		>
			{item.icon}
			<span>
				{item.label}
				{item.hint && <span className="block text-xs text-ink-faint">{item.hint}</span>}
			</span>
		</Base.Item>
	);
}
