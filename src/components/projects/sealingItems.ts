import type { Isolation } from '#shared/projects.ts';
import { keepsKeysOutside } from '../ui/isolationWords.ts';
import type { MenuItem } from '../ui/Menu.tsx';

type Sealing = { sealedOnly: boolean; level: Isolation['level'] };

/** Whether keys may be copied into a project, in its menu. */
export function sealingItems({ sealedOnly, level }: Sealing, onChoose: (sealedOnly: boolean) => void): MenuItem {
	const apart = keepsKeysOutside(level) ? 'Stay outside, or do not serve' : 'Are not copied, or do not serve';
	const choice = (value: boolean, label: string) => ({
		label,
		checked: value === sealedOnly,
		onSelect: () => onChoose(value),
	});
	return {
		kind: 'group',
		label: 'Keys of providers',
		items: [choice(false, 'May be copied into it'), choice(true, apart)],
	};
}
