import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { openDatabase } from '../src/server/db/client.ts';
import { createLogger } from '../src/server/logger.ts';
import { enqueue } from '../src/server/queue/enqueue.ts';
import { defineHandler } from '../src/server/queue/handler.ts';
import { createWorker } from '../src/server/queue/queue.worker.ts';
import { printRow } from './figures.ts';
import { storeJobs } from './rows.ts';

const RUNS = 200;

/** From the call of `enqueue` to the handler's first line, both commits included, in an empty and in a full table. */
export async function benchQueue(): Promise<void> {
	for (const stored of [0, 10_000]) {
		const dir = mkdtempSync(join(tmpdir(), 'doce-bench-'));
		const { db, close } = await openDatabase(join(dir, 'doce.sqlite'));
		await storeJobs(db, stored);
		let began = (): void => undefined;
		const handler = defineHandler({ type: 'credentials.changed', payload: z.object({}), run: async () => began() });
		const worker = createWorker({ db, handlers: [handler], logger: createLogger('silent') });
		await worker.start();
		const times: number[] = [];
		for (let run = 0; run < RUNS; run++) {
			const before = performance.now();
			const start = new Promise<void>((resolve) => {
				began = resolve;
			});
			await enqueue(db, { type: 'credentials.changed', payload: {} });
			await start;
			times.push(performance.now() - before);
			await worker.runUntilEmpty();
		}
		await worker.stop();
		await close();
		rmSync(dir, { recursive: true });
		printRow(`enqueue → start, ${stored} jobs stored`, times, 'ms', 'p95 < 10 ms');
	}
}
