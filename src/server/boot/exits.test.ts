import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectOfTinyServers } from '../../../test/runtimeProjects.ts';
import { createLive, type Live } from '../live/live.ts';
import { createLogger } from '../logger.ts';
import { limitNotices } from '../projects/life/notices.ts';
import { setProjectStatus } from '../projects/projects.ts';
import { listJobs, listOpenJobs } from '../queue/jobs.ts';
import { createProcessRuntime } from '../runtime/process.ts';
import type { LimitName, ProcessName, Runtime } from '../runtime/runtime.ts';
import { watchExits } from './exits.ts';
import { type OneProject, openOneProject } from './testing/oneProject.ts';

let one: OneProject;
let live: Live;
let runtime: Runtime;
let stopWatching: () => void;

beforeEach(async () => {
	one = await openOneProject();
	live = createLive();
	const logger = createLogger('silent');
	runtime = createProcessRuntime({ dir: join(one.dir, 'run'), logger, graceMs: 300 });
	stopWatching = watchExits({ db: one.db, live, logger, runtime, catalog: { find: async () => undefined } });
});

afterEach(async () => {
	stopWatching();
	await runtime.stopAll();
	await one.close();
});

/** Lets the project run, ends one of its processes as if by itself, and gives the project as it is after that. */
async function end(name: ProcessName) {
	const { projectId, dir, db } = one;
	for (const job of await listJobs(db, { limit: 100 }))
		await db.updateTable('jobs').set({ state: 'succeeded' }).where('id', '=', job.id).execute();
	const address = await runtime.start(projectOfTinyServers(projectId, dir), new AbortController().signal);
	await setProjectStatus(db, projectId, 'running');
	const { user_id: userId } = await one.project();
	const told = new Promise<void>((resolve) => {
		const leave = live.subscribe({ userId }, () => {
			leave();
			resolve();
		});
	});
	const { host, port } = address[name];
	const die = (): Promise<unknown> =>
		fetch(`http://${host}:${port}/die`).catch(async () => {
			// Its server is not up yet.
			await new Promise((resolve) => setTimeout(resolve, 25));
			return die();
		});
	await die();
	await told;
	return one.project();
}

test('the agent and the preview may each end once; a second end of the same one is a reason to stop', async () => {
	expect(await end('preview')).toMatchObject({ status: 'creating', error: null });
	expect(await end('opencode')).toMatchObject({ status: 'creating', error: null });
	expect(await end('preview')).toMatchObject({
		status: 'error',
		error: expect.stringContaining('The preview ended twice within a minute'),
	});
});

/** A runtime that tells what the test wants it to tell. */
function watchTold(kind: Runtime['kind'] = 'process') {
	let [ended, reached] = [(_: string, __: ProcessName): void => undefined, (..._: unknown[]): void => undefined];
	const told: Pick<Runtime, 'kind' | 'trouble' | 'onExit' | 'onLimit'> = {
		kind,
		trouble: () => undefined,
		onExit(listener) {
			ended = listener;
			return () => undefined;
		},
		onLimit(listener) {
			reached = listener as typeof reached;
			return () => undefined;
		},
	};
	const logger = createLogger('silent');
	watchExits({ db: one.db, live, logger, runtime: told, catalog: { find: async () => undefined } });
	const { projectId, db } = one;
	const openStops = () => listOpenJobs(db, projectId, ['project.stop']);
	return {
		openStops,
		end: (name: ProcessName) => ended(projectId, name),
		reach: (limit: LimitName, name?: ProcessName) => reached(projectId, limit, name),
	};
}

test('what runs out of memory is named, started again once, and stopped the second time', async () => {
	const { projectId, db } = one;
	const { reach, end: endTold, openStops } = watchTold();
	await db.updateTable('jobs').set({ state: 'succeeded' }).execute();
	await setProjectStatus(db, projectId, 'running');
	reach('memory', 'opencode');
	endTold('opencode');
	await expect.poll(one.project).toMatchObject({ status: 'creating', reached: 'memory' });
	expect(await limitNotices(db, await one.project())).toEqual([
		{
			level: 'warn',
			message: 'The project ran out of its 1.5 GB of memory.',
			action: 'raise',
			reached: { limit: 'memory', raiseTo: 3_072 },
		},
	]);
	expect(await openStops()).toEqual([]);
	reach('memory', 'opencode');
	endTold('opencode');
	await expect.poll(async () => (await openStops())[0]?.payload).toMatchObject({ why: 'limit' });
	await setProjectStatus(db, projectId, 'stopped');
	expect(await limitNotices(db, await one.project())).toMatchObject([
		{ level: 'error', message: 'The project ran out of its 1.5 GB of memory and was stopped.' },
	]);
});

test('a project that has used its disk is stopped at once', async () => {
	const { reach, openStops } = watchTold();
	await setProjectStatus(one.db, one.projectId, 'running');
	reach('disk');
	await expect.poll(async () => (await openStops()).length).toBe(1);
	await setProjectStatus(one.db, one.projectId, 'stopped');
	expect(await limitNotices(one.db, await one.project())).toMatchObject([
		{ message: 'The project has used its 5 GB of disk and was stopped.', reached: { raiseTo: 10_240 } },
	]);
});

test('a program inside that was ended for memory is no reason to start anything', async () => {
	const { reach } = watchTold();
	await one.db.updateTable('jobs').set({ state: 'succeeded' }).execute();
	await setProjectStatus(one.db, one.projectId, 'running');
	reach('memory', 'preview');
	await expect.poll(one.project).toMatchObject({ status: 'running', reached: 'memory' });
	expect((await listJobs(one.db, { limit: 100 })).every(({ state }) => state === 'succeeded')).toBe(true);
});

test('what ends because its project is being stopped is not started again', async () => {
	const { reach, end: endTold, openStops } = watchTold('docker');
	await one.db.updateTable('jobs').set({ state: 'succeeded' }).execute();
	await setProjectStatus(one.db, one.projectId, 'running');
	reach('disk');
	await expect.poll(async () => (await openStops()).length).toBe(1);
	endTold('opencode');
	endTold('preview');
	await new Promise((resolve) => setTimeout(resolve, 2_500));
	expect(await listOpenJobs(one.db, one.projectId, ['runtime.start', 'project.create'])).toEqual([]);
	expect((await openStops()).length).toBe(1);
});

test('a limit that is told shortly after the end it caused is the reason of that end', async () => {
	const { reach, end: endTold, openStops } = watchTold('docker');
	await one.db.updateTable('jobs').set({ state: 'succeeded' }).execute();
	await setProjectStatus(one.db, one.projectId, 'running');
	endTold('preview');
	endTold('preview');
	reach('memory', 'preview');
	await expect.poll(async () => (await openStops())[0]?.payload, { timeout: 4_000 }).toMatchObject({ why: 'limit' });
	expect((await one.project()).error).toBeNull();
});
