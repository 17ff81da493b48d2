import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Db, inTransaction, type OpenDatabase, openDatabase } from '#server/db/client.ts';
import { SETUP_STEPS } from '#shared/queue.ts';
import { enqueue } from './enqueue.ts';
import { countJobs } from './jobs.ts';

const CHILD = fileURLToPath(new URL('../../../test/queueChild.ts', import.meta.url));
const PROJECTS = 200;
const STEPS = PROJECTS * SETUP_STEPS.length;
const KILLS = 10;

let dir: string;
let database: OpenDatabase;
let child: ChildProcess | undefined;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), 'doce-kill-'));
	database = await openDatabase(join(dir, 'doce.sqlite'));
});
afterEach(async () => {
	child?.kill('SIGKILL');
	await database.close();
	await rm(dir, { recursive: true });
});

it('loses and repeats nothing when its process is killed ten times amid 200 chains', async () => {
	const { db } = database;
	await prepare(db);
	for (let kill = 0; kill < KILLS; kill += 1) expect(await runAndKill(Math.floor(STEPS / (KILLS + 2)))).toBe('SIGKILL');
	const midway = await countJobs(db);
	expect(midway.running).toBeGreaterThan(0);
	child = startChild();
	expect(await once(child, 'close')).toEqual([0, null]);
	expect(await countJobs(db)).toMatchObject({ succeeded: STEPS, queued: 0, running: 0, failed: 0, cancelled: 0 });
	await expectEveryEffectOnceAndInOrder(db);
	const tries = await sql<{ n: number }>`select count(*) as n from tries`.execute(db);
	// Work was really interrupted: some steps had to be tried twice.
	expect(tries.rows[0]?.n).toBeGreaterThan(STEPS);
}, 60_000);

async function prepare(db: Db): Promise<void> {
	await sql`create table tries (seq integer primary key, project text, step integer)`.execute(db);
	await sql`create table effects (seq integer primary key, project text, step integer, unique (project, step))`.execute(
		db,
	);
	await inTransaction(db, async (tx) => {
		for (let at = 0; at < PROJECTS; at += 1) {
			await enqueue(tx, { type: 'project.create', payload: {}, projectId: `p${at}` });
		}
	});
}

/** Kills the child once it has done so many steps; answers with the signal that ended it. */
async function runAndKill(steps: number): Promise<unknown> {
	const doomed = startChild();
	child = doomed;
	let seen = 0;
	doomed.stdout?.on('data', (lines: Buffer) => {
		seen += lines.toString().split('step').length - 1;
		if (seen >= steps) doomed.kill('SIGKILL');
	});
	const [, signal] = await once(doomed, 'close');
	return signal;
}

function startChild(): ChildProcess {
	const file = join(dir, 'doce.sqlite');
	const started = spawn(process.execPath, [CHILD, file], { stdio: ['ignore', 'pipe', 'inherit'] });
	started.stdout?.resume();
	return started;
}

async function expectEveryEffectOnceAndInOrder(db: Db): Promise<void> {
	const { rows } = await sql<{ project: string; step: number }>`select project, step from effects order by seq`.execute(
		db,
	);
	expect(rows).toHaveLength(STEPS);
	const chains = Map.groupBy(rows, (row) => row.project);
	expect(chains.size).toBe(PROJECTS);
	for (const chain of chains.values()) expect(chain.map((row) => row.step)).toEqual([0, 1, 2, 3, 4, 5]);
	// The tries, repeated ones included, never go back to a step that the project had left behind.
	const tries = await sql<{ project: string; step: number }>`select project, step from tries order by seq`.execute(db);
	for (const chain of Map.groupBy(tries.rows, (row) => row.project).values()) {
		const steps = chain.map((row) => row.step);
		expect(steps).toEqual(steps.toSorted((a, b) => a - b));
	}
}
