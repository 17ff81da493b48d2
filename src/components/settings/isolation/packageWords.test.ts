import { expect, test } from 'vitest';
import { addedHost, emptyWords, isSameList, reachWords } from './packageWords.ts';

test('the list is said to hold projects only where something holds them to it', () => {
	expect(reachWords(true)).toMatch(
		/^Projects connect to these hosts to install packages, and otherwise to their provider alone/,
	);
	expect(reachWords(false)).toContain('they reach the whole network');
	expect(emptyWords(null, true)).toBe('No hosts: projects cannot install packages.');
	expect(emptyWords('npm.example.com', true)).toContain('the registry of this server alone');
	expect(emptyWords(null, false)).toBe('No hosts.');
});

test('a list is the default whatever its order', () => {
	expect(isSameList(['a.com', 'b.com'], ['b.com', 'a.com'])).toBe(true);
	expect(isSameList([], ['a.com'])).toBe(false);
	expect(isSameList(['a.com', 'b.com'], ['a.com'])).toBe(false);
});

test('an added host is named as the server writes it, and one that was there is none', () => {
	expect(addedHost(['a.com'], ['a.com', 'b.com:8443'])).toBe('b.com:8443');
	expect(addedHost(['a.com'], ['a.com'])).toBeUndefined();
});
