import { expect, test } from 'vitest';
import { readRuntime, toRuntimeFields } from './runtimeFields.ts';

const settings = { defaults: { memoryMb: 1_536, cpus: 2, diskMb: 5_120 }, pauseAfterMinutes: 15, stopAfterHours: 12 };
const bounds = { memoryMb: { min: 256, max: 16_384 }, cpus: { min: 0.1, max: 8 }, diskMb: { min: 512, max: 99_999 } };
const fields = toRuntimeFields(settings);

test('settings come back as they were, the limits only where they are kept', () => {
	expect(readRuntime(fields, { keeps: ['memory', 'cpus', 'disk'], bounds }).change).toEqual(settings);
	expect(readRuntime(fields, { keeps: [], bounds }).change).toEqual({ ...settings, defaults: {} });
	expect(readRuntime({ ...fields, stop: '0,5' }, { keeps: [], bounds }).change).toMatchObject({ stopAfterHours: 0.5 });
});

test('what is wrong or missing is said at its field, and nothing is saved', () => {
	const wrong = { pause: 'soon', stop: '', limits: { ...fields.limits, memory: '', disk: '0' } };
	expect(readRuntime(wrong, { keeps: ['memory', 'disk'], bounds })).toEqual({
		change: null,
		errors: {
			pause: 'Give a number such as 15, or 0 for never.',
			stop: 'Give a number such as 15, or 0 for never.',
			limits: {
				memory: 'Projects without a limit of their own need this one.',
				disk: 'Give a number from 0.5 to 97.6553.',
			},
		},
	});
});
