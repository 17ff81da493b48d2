import { expect, it } from 'vitest';
import { rankProvider } from './rankProvider.ts';

const TOGETHER = { id: 'togetherai', name: 'Together AI' };

it('puts the start of the name before a word, a word before the middle, and the id last', () => {
	expect(['toget', 'ai', 'ether', 'rai', 'zzz'].map((search) => rankProvider(TOGETHER, search))).toEqual([
		4, 3, 2, 1, 0,
	]);
});

it('finds by id, in any case, and finds everything without a search', () => {
	expect(rankProvider({ id: 'xai', name: 'Grok' }, 'XAI ')).toBe(4);
	expect(rankProvider(TOGETHER, '  ')).toBe(4);
});
