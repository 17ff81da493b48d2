import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { startTimeOf } from '../process/table.ts';
import { usageOf } from './usage.js';
import { createWatch } from './watch.ts';

const MB = 1024 * 1024;
const BOUNDS = { memoryBytes: 256 * MB, processes: 20, threads: 200 };
const children: ChildProcess[] = [];
afterEach(() => {
	for (const { pid } of children.splice(0)) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
});

/** Runs a program until it says that it is ready. */
async function run(program: string): Promise<number> {
	const stdio = ['ignore', 'pipe', 'inherit'] as const;
	const child = spawn(process.execPath, ['--no-warnings', '--eval', program], { stdio: [...stdio], detached: true });
	children.push(child);
	await once(child.stdout as NodeJS.ReadableStream, 'data');
	return child.pid ?? 0;
}

/** What a watch says of it within some looks. */
async function watched(pid: number, bounds: typeof BOUNDS): Promise<string | undefined> {
	let said: string | undefined;
	createWatch(bounds, 20).add({ pid, startTime: startTimeOf(pid) ?? '' }, (limit) => {
		said = limit;
	});
	for (let looks = 0; looks < 50 && said === undefined; looks++) await sleep(20);
	return said;
}

const READY = `console.log('ready'); setInterval(() => {}, 1000);`;

test('memory that a grandchild holds counts, whatever it made of its environment', async () => {
	const hog = `globalThis.held = Buffer.alloc(300 * 1024 * 1024, 1); ${READY}`;
	const parent = `
		const child = require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(hog)}], { env: {}, stdio: 'pipe' });
		child.stdout.once('data', () => { ${READY} });
	`;
	const pid = await run(parent);
	expect(await watched(pid, BOUNDS)).toBe('256 MB of memory');
	expect(await watched(pid, { ...BOUNDS, memoryBytes: 2_048 * MB })).toBeUndefined();
});

test('memory that is mapped to be shared counts, and once for all that share it', async () => {
	const file = `/dev/shm/doce-watch-${process.pid}`;
	const fill = `
		const fs = require('node:fs');
		const { DatabaseSync } = require('node:sqlite');
		const db = new DatabaseSync('${file}');
		db.exec('pragma page_size = 65536; pragma mmap_size = 1000000000; create table if not exists t(x)');
		if (process.argv[1] === 'write') for (let n = 0; n < 96; n++) db.exec("insert into t values (randomblob(1024 * 1024))");
		const { total } = db.prepare('select sum(length(hex(substr(x, -1)))) + sum(length(x)) as total from t').get();
		console.log('ready', total);
		setInterval(() => {}, 1000);
	`;
	const first = await run(`process.argv[1] = 'write'; ${fill}`);
	const second = await run(fill);
	const alone = usageOf([first], Infinity).bytes;
	expect(alone).toBeGreaterThan(96 * MB);
	const both = usageOf([first, second], Infinity).bytes;
	expect(usageOf([first, second], 0).bytes).toBeLessThan(both - 80 * MB);
	rmSync(file);
});

test('so do threads and processes', async () => {
	const threads = `for (let n = 0; n < 4; n++) new (require('node:worker_threads').Worker)('setInterval(() => {}, 1000)', { eval: true }); setTimeout(() => { ${READY} }, 500);`;
	expect(await watched(await run(threads), { ...BOUNDS, threads: 10 })).toBe('10 threads');
	const many = `for (let n = 0; n < 30; n++) require('node:child_process').spawn('sleep', ['1000']); ${READY}`;
	expect(await watched(await run(many), BOUNDS)).toBe('20 processes');
	expect(await watched(await run(READY), BOUNDS)).toBeUndefined();
});
