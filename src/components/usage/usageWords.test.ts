import { expect, test } from 'vitest';
import { countWords, dayWords, metricOf, shortCount } from './usageWords.ts';

test('counts and days are written for the eye', () => {
	expect(countWords(1_234_567)).toBe('1,234,567');
	expect([0, 950, 12_000, 1_500_000].map(shortCount)).toEqual(['0', '950', '12K', '1.5M']);
	expect(dayWords('2026-01-31')).toBe('31 Jan 2026');
});

test('a day’s value is its price, or all of its tokens', () => {
	const sums = { calls: 1, inputTokens: 1, cachedTokens: 2, outputTokens: 3, reasoningTokens: 4, priceUsd: 0.5 };
	expect([metricOf(sums, 'cost'), metricOf(sums, 'tokens')]).toEqual([0.5, 10]);
});
