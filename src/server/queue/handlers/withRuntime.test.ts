import { expect, test } from 'vitest';
import { AppError } from '../../errors.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { type JobContext, type JobHandler, RetryLater, WaitForCredential } from '../handler.ts';
import { withRuntime } from './withRuntime.ts';

const AWAY = 'Docker does not answer. Start it.';

/** Runs a job by a runtime that is away as told, and returns what came of it. */
async function attempt(work: (leave: () => void) => unknown, kind: Runtime['kind'] = 'docker', isAway = false) {
	let trouble = isAway ? AWAY : undefined;
	const runtime = { kind, trouble: () => trouble };
	const leave = () => void setTimeout(() => (trouble = AWAY), 150);
	const handler: JobHandler = {
		type: 'runtime.start',
		async run() {
			await work(leave);
			return [];
		},
	};
	const context = { signal: new AbortController().signal } as JobContext;
	return withRuntime({ runtime }, handler)
		.run({}, context)
		.catch((error: unknown) => error);
}

test('a job is not even begun while its runtime is away, and waits with the words that say what to do', async () => {
	let runs = 0;
	const outcome = await attempt(() => runs++, 'docker', true);
	expect([runs, outcome]).toEqual([0, expect.any(RetryLater)]);
	expect(String(outcome)).toContain(AWAY);
	expect(await attempt(() => runs++)).toEqual([]);
});

test('what fails as the runtime goes away is done again', async () => {
	for (const error of [new AppError('unavailable', 'Docker could not make a container.'), new TypeError('fetch')]) {
		const outcome = await attempt((leave) => {
			leave();
			throw error;
		});
		expect(outcome).toBeInstanceOf(RetryLater);
	}
});

test('what fails for another reason has failed', async () => {
	for (const error of [
		new AppError('invalid', 'No.'),
		new AppError('unavailable', 'The provider does not answer.'),
		new WaitForCredential('c1', 'No key.'),
	]) {
		const fail = () => {
			throw error;
		};
		expect(await attempt(fail)).toBe(error);
		expect(await attempt(fail, 'process')).toBe(error);
	}
});
