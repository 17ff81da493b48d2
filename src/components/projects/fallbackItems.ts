import type { FallbackMode } from '#shared/providers.ts';
import type { MenuItem } from '../ui/Menu.tsx';

const CHOICES: { mode: FallbackMode | null; label: string }[] = [
	{ mode: null, label: 'As in Settings' },
	{ mode: 'automatic', label: 'Go on with the next one' },
	{ mode: 'ask', label: 'Ask me first' },
	{ mode: 'off', label: 'Wait for it' },
];

/** A project's own setting, in its menu. */
export function fallbackItems(chosen: FallbackMode | null, onChoose: (mode: FallbackMode | null) => void): MenuItem {
	return {
		kind: 'group',
		label: 'When the provider fails',
		items: CHOICES.map(({ mode, label }) => ({ label, checked: mode === chosen, onSelect: () => onChoose(mode) })),
	};
}
