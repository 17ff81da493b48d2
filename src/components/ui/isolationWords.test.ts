import { expect, test } from 'vitest';
import { isolation } from '#shared/projects.ts';
import { ISOLATION_CONSEQUENCES, ISOLATION_WORDS, keepsKeysOutside } from './isolationWords.ts';

const LEVELS = isolation.shape.level.options;

test('every level has a name of its own, and what is missing has a consequence', () => {
	expect(new Set(LEVELS.map((level) => ISOLATION_WORDS[level])).size).toBe(LEVELS.length);
	expect(LEVELS.filter((level) => ISOLATION_CONSEQUENCES[level] === null)).toEqual(['isolated']);
});

test('a key counts as outside behind any fence, and nowhere else', () => {
	expect(LEVELS.filter(keepsKeysOutside)).toEqual(['isolated', 'partly']);
	expect(ISOLATION_CONSEQUENCES.not).toContain('is not safe from it here');
	expect(ISOLATION_CONSEQUENCES.partly).toContain('a key can stay outside');
});
