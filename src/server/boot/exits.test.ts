import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectOfTinyServers } from '../../../test/runtimeProjects.ts';
import { createLive, type Live } from '../live/live.ts';
import { createLogger } from '../logger.ts';
import { setProjectStatus } from '../projects/projects.ts';
import { listJobs } from '../queue/jobs.ts';
import { createProcessRuntime } from '../runtime/process.ts';
import type { ProcessName, Runtime } from '../runtime/runtime.ts';
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
