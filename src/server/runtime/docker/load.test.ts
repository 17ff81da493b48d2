import type { ContainerStats } from 'dockerode';
import { expect, test } from 'vitest';
import { heldMemory } from './load.ts';

test('files that the kernel could drop are not counted, in both generations of cgroups', () => {
	const held = (stats: Record<string, number>) =>
		heldMemory({ memory_stats: { usage: 1_000, stats } as unknown as ContainerStats['memory_stats'] });
	expect(held({ total_inactive_file: 300, inactive_file: 5 })).toBe(700);
	expect(held({ inactive_file: 400 })).toBe(600);
	expect(heldMemory({ memory_stats: {} as ContainerStats['memory_stats'] })).toBe(0);
});
