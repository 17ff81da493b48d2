import { CopyCheck, type LucideIcon } from 'lucide-react';
import type { MoveInEntry, MoveInResult, MoveInState } from '#shared/moveIn.ts';
import type { Tone } from '../../ui/StatusBadge.tsx';

type StateWords = { tone: Tone; words: string; icon?: LucideIcon };

const STATES: Record<MoveInState, StateWords> = {
	new: { tone: 'ok', words: 'New' },
	duplicate: { tone: 'off', words: 'Already here', icon: CopyCheck },
	unreadable: { tone: 'warn', words: 'Unreadable' },
	unsupported: { tone: 'warn', words: 'Cannot move' },
};

export function stateWords(state: MoveInState): StateWords {
	return STATES[state];
}

export function typeWords({ type, lastFour }: Pick<MoveInEntry, 'type' | 'lastFour'>): string {
	const method = { api: 'API key', oauth: 'Sign-in', wellknown: 'Token' }[type];
	return lastFour === null ? method : `${method} ···${lastFour}`;
}

export function keys(count: number): string {
	return count === 1 ? '1 key' : `${count} keys`;
}

export function ignoredWords(count: number): string {
	return count === 1 ? '1 other line holds no provider’s key.' : `${count} other lines hold no provider’s key.`;
}

export function resultWords(results: Pick<MoveInResult, 'state'>[]): string {
	const connected = results.filter(({ state }) => state === 'connected').length;
	if (connected === results.length)
		return connected === 1 ? 'The key is connected.' : `All ${connected} are connected.`;
	if (connected === 0) return results.length === 1 ? 'The key was not imported.' : 'None of them was imported.';
	return `${connected} of ${results.length} are connected.`;
}
