import type { MenuItem } from '../ui/Menu.tsx';

const CHOICES = [
	{ sealedOnly: false, label: 'May be copied into it' },
	{ sealedOnly: true, label: 'Stay outside, or do not serve' },
];

/** Whether keys may be copied into a project, in its menu. */
export function sealingItems(chosen: boolean, onChoose: (sealedOnly: boolean) => void): MenuItem {
	return {
		kind: 'group',
		label: 'Keys of providers',
		items: CHOICES.map(({ sealedOnly, label }) => ({
			label,
			checked: sealedOnly === chosen,
			onSelect: () => onChoose(sealedOnly),
		})),
	};
}
