import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '#server/db/client.ts';
import type { QueueUnderTest } from '../../../test/queueBench.ts';
import { queueContract } from './queue.contract.ts';
import { queueOrderContract } from './queue.order.contract.ts';
import { sqliteEngine } from './queue.store.ts';

async function openSqliteQueue(): Promise<QueueUnderTest> {
	const dir = await mkdtemp(join(tmpdir(), 'doce-queue-'));
	const { db, close } = await openDatabase(join(dir, 'doce.sqlite'));
	return {
		db,
		engine: (options) => sqliteEngine(db, options),
		close: async () => {
			await close();
			await rm(dir, { recursive: true });
		},
	};
}

queueContract('SQLite', openSqliteQueue);
queueOrderContract('SQLite', openSqliteQueue);
