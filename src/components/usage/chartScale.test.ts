import { expect, test } from 'vitest';
import { axisTop, layBars } from './chartScale.ts';

test.each([
	[[], 1],
	[[0, 0], 1],
	[[0.3], 0.5],
	[[1], 1],
	[[1.1, 0.2], 2],
	[[4_999], 5_000],
	[[50_001], 100_000],
	[[0.0007], 0.001],
])('above %j the axis ends at %d', (values, top) => {
	expect(axisTop(values)).toBeCloseTo(top, 10);
});

test('bars stand on the ground, side by side, as high as their values', () => {
	const [low, none, high] = layBars([1, 0, 10], 10);
	expect(low).toMatchObject({ y: 90, height: 10 });
	expect(none).toMatchObject({ height: 0 });
	expect(high).toMatchObject({ y: 0, height: 100 });
	expect((low?.x ?? 0) + (low?.width ?? 0)).toBeLessThan(none?.x ?? 0);
	expect((high?.x ?? 0) + (high?.width ?? 0)).toBeLessThan(100);
	expect(layBars([0.001], 10)[0]?.height).toBe(1);
	expect(layBars([], 1)).toEqual([]);
});
