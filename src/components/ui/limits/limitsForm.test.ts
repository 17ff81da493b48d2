import { expect, test } from 'vitest';
import { readLimits, toLimitsForm } from './limitsForm.ts';

const bounds = {
	memoryMb: { min: 256, max: 16_384 },
	cpus: { min: 0.1, max: 8 },
	diskMb: { min: 512, max: 1_048_576 },
};
const names = ['memory', 'cpus', 'disk'] as const;

test('limits are shown and typed in gigabytes and cores, and come back as they were', () => {
	const own = { memoryMb: 1_536, cpus: 0.5, diskMb: null };
	const form = toLimitsForm(own);
	expect(form).toEqual({ memory: '1.5', cpus: '0.5', disk: '' });
	expect(readLimits(form, { bounds, names })).toEqual({ values: own, errors: {} });
	for (const memoryMb of [257, 1_600, 16_383]) {
		const shown = toLimitsForm({ ...own, memoryMb });
		expect(readLimits(shown, { bounds, names }).values.memoryMb).toBe(memoryMb);
	}
	expect(readLimits({ ...form, memory: ' 2,25 ' }, { bounds, names }).values.memoryMb).toBe(2_304);
	expect(readLimits(form, { bounds, names: ['cpus'] }).values).toEqual({ cpus: 0.5 });
});

test.each(['0', '20', 'much', '-1', '1e3'])('"%s" is no amount of memory', (memory) => {
	const { values, errors } = readLimits({ memory, cpus: '', disk: '' }, { bounds, names });
	expect(errors).toEqual({ memory: 'Give a number from 0.25 to 16.' });
	expect(values).not.toHaveProperty('memoryMb');
});
