import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';
import { Bench } from '../../../test/queueBench.ts';
import { RetryLater, WaitForCredential } from './handler.ts';
import { getJob, type Job } from './jobs.ts';
import { sqliteEngine } from './queue.store.ts';

let dir: string;
let bench: Bench;

beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), 'doce-queue-'));
	const { db, close } = await openDatabase(join(dir, 'doce.sqlite'));
	bench = new Bench({ db, engine: (options) => sqliteEngine(db, options), close });
});

afterEach(async () => {
	await bench.close();
	await rm(dir, { recursive: true });
});

const scrub = async (job: Job, text: string) => text.replaceAll(`secret of ${job.user_id}`, '[key]');

test('what a handler logs, and why it ends, is stored and told without secrets', async () => {
	const told: string[] = [];
	const errors = [
		new RetryLater(0, 'later, says the secret of ada'),
		new AppError('unavailable', 'The secret of ada was refused, not that of bob: secret of bob.'),
	];
	const id = await bench.add('runtime.start', 'p', { userId: 'ada' });
	await bench.run(
		async (_, { log }) => {
			await log('I hold the secret of ada');
			throw errors.shift();
		},
		{ scrub, onJobEvent: (_id, { message }) => told.push(message) },
	);
	expect((await getJob(bench.db, id)).last_error).toBe('The [key] was refused, not that of bob: secret of bob.');
	expect(await bench.log(id)).toEqual([
		'Attempt 1 of 5 started',
		'I hold the [key]',
		'Back in the queue: later, says the [key]',
		'Attempt 1 of 5 started',
		'I hold the [key]',
		'Failed: The [key] was refused, not that of bob: secret of bob.',
	]);
	expect(told).toEqual(await bench.log(id));
});

test('what a parked job waits for is told without secrets', async () => {
	const id = await bench.add('chat.sendPrompt', 'p', { userId: 'ada' });
	await bench.run(async () => Promise.reject(new WaitForCredential('c1', 'secret of ada')), { scrub });
	expect(await getJob(bench.db, id)).toMatchObject({ state: 'waiting_for_credential', last_error: '[key]' });
});
