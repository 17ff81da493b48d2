import { expect, test } from 'vitest';
import { restWords } from './runtimeWords.ts';

test('what becomes of a project that nobody uses is said as the settings have it', () => {
	const words = (pauseAfterMinutes: number, stopAfterHours: number, canPause = true) =>
		restWords({
			settings: { defaults: { memoryMb: 1, cpus: 1, diskMb: 1 }, pauseAfterMinutes, stopAfterHours },
			canPause,
		});
	expect(words(15, 1)).toBe('A project that nobody uses is paused after 15 minutes and stopped after 1 hour.');
	expect(words(15, 12, false)).toBe('A project that nobody uses is stopped after 12 hours.');
	expect(words(0, 0)).toBe('A project that nobody uses runs on.');
});
