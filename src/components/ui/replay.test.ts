import { describe, expect, it } from 'vitest';
import { createReplay } from './replay.ts';

describe('a load beside live events', () => {
	it('tells what came while it was under way once more, in order', async () => {
		const replay = createReplay<string>();
		const { promise, resolve } = Promise.withResolvers<void>();
		const told: string[] = [];
		replay.note('before');
		const done = replay.around(promise, (event) => told.push(event));
		replay.note('first');
		replay.note('second');
		expect(told).toEqual([]);
		resolve();
		await done;
		replay.note('after');
		expect(told).toEqual(['first', 'second']);
	});

	it('forgets a load that failed', async () => {
		const replay = createReplay<string>();
		const told: string[] = [];
		await expect(replay.around(Promise.reject(new Error('offline')), (event) => told.push(event))).rejects.toThrow(
			'offline',
		);
		replay.note('later');
		expect(told).toEqual([]);
	});
});
