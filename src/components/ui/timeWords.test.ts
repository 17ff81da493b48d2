import { describe, expect, it } from 'vitest';
import { durationWords, relativeTime } from './timeWords.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const ago = (ms: number) => relativeTime(new Date(NOW - ms).toISOString(), NOW);

describe('how long ago', () => {
	it('grows from moments to days', () => {
		expect([5_000, 240_000, 7_300_000, 90_000_000, 400_000_000].map(ago)).toEqual([
			'just now',
			'4 min ago',
			'2 h ago',
			'yesterday',
			'4 days ago',
		]);
	});

	it('becomes a date after two weeks', () => {
		expect(ago(30 * 86_400_000)).toBe('Feb 8, 2026');
	});

	it('does not speak of the future when a clock is behind', () => {
		expect(ago(-60_000)).toBe('just now');
	});
});

describe('a length of time', () => {
	it('is as exact as it is useful', () => {
		expect([340, 4_200, 42_000, 72_000].map(durationWords)).toEqual(['340 ms', '4.2 s', '42 s', '1 min 12 s']);
	});

	it('never reads as 60 seconds', () => {
		expect([9_990, 59_700, 119_800].map(durationWords)).toEqual(['10 s', '1 min 0 s', '2 min 0 s']);
	});
});
