import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LiveEvent } from '#shared/live.ts';
import { AppError } from '../errors.ts';
import { createLive, type Live } from '../live/live.ts';
import { createLogger } from '../logger.ts';
import { createProject, getProject, setProjectStatus } from '../projects/projects.ts';
import { enqueue } from '../queue/enqueue.ts';
import { listOpenJobs } from '../queue/jobs.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { findFirstAdmin } from '../users/users.ts';
import { MOST_RESTARTED } from './recover.ts';
import { type OneProject, openOneProject } from './testing/oneProject.ts';
import { watchTrouble } from './trouble.ts';

let one: OneProject;
let live: Live;
let heard: LiveEvent[];
let trouble: string | undefined;
let alive: string[];
let adopted: number;
let listeners: Set<() => void>;
let stop: () => void;

beforeEach(async () => {
	one = await openOneProject();
	live = createLive();
	[heard, alive, adopted, trouble, listeners] = [[], [], 0, undefined, new Set()];
	live.subscribe({ userId: 'anybody' }, (event) => heard.push(event));
});

afterEach(async () => {
	stop();
	await one.close();
});

function recover(): void {
	trouble = undefined;
	for (const listener of listeners) listener();
}

function watch(isInOrder = true, adopt = async (): Promise<string[]> => []): void {
	const runtime: Partial<Runtime> = {
		isolation: { level: 'not', reason: '' },
		trouble: () => trouble,
		list: async () => alive,
		adopt: async () => {
			adopted++;
			return adopt();
		},
		onRecovery(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
	stop = watchTrouble(
		{ db: one.db, dataDir: one.dir, live, logger: createLogger('silent'), runtime } as never,
		isInOrder,
	);
}

/** A project that runs, and was last used so many ms after all others. */
async function addRunning(after: number): Promise<string> {
	const ada = await findFirstAdmin(one.db);
	if (ada === undefined) throw new Error('ada is missing');
	const model = { providerId: 'mine', modelId: 'm' };
	const { projectId } = await createProject(one.db, ada, { prompt: 'A page' }, model, 'docker');
	await one.db.updateTable('jobs').set({ state: 'succeeded' }).where('project_id', '=', projectId).execute();
	await one.db
		.updateTable('projects')
		.set({ last_used_at: Date.now() + after })
		.where('id', '=', projectId)
		.execute();
	await setProjectStatus(one.db, projectId, 'running');
	return projectId;
}
const statusOf = async (id: string) => (await getProject(one.db, id)).status;
const runAt = async () => (await listOpenJobs(one.db, one.projectId, ['project.create']))[0]?.run_at ?? 0;

test('every open page is told why nothing runs, and that it does again; what waited goes on', async () => {
	watch();
	await one.db
		.updateTable('jobs')
		.set({ run_at: Date.now() + 600_000 })
		.execute();
	trouble = 'Docker does not answer. Start it.';
	await expect.poll(() => heard, { timeout: 3_000 }).toEqual([{ type: 'runtime.changed', trouble }]);
	recover();
	expect(heard.at(-1)).toEqual({ type: 'runtime.changed', trouble: null });
	await expect.poll(async () => (await runAt()) <= Date.now()).toBe(true);
});

test('the projects used last are started again, the others sleep; what never ended is let be', async () => {
	watch();
	const first = await addRunning(-1_000);
	const last: string[] = [];
	for (let at = 0; at < MOST_RESTARTED; at++) last.push(await addRunning(at));
	const unharmed = await addRunning(-2_000);
	alive = [unharmed];
	recover();
	await expect.poll(() => statusOf(first)).toBe('stopped');
	for (const id of last) expect(await statusOf(id)).toBe('creating');
	expect((await listOpenJobs(one.db, first, ['project.stop']))[0]?.payload).toMatchObject({ why: 'away' });
	expect(await statusOf(unharmed)).toBe('running');
	expect(adopted).toBe(0);
});

test('what ran before doce started is looked at as soon as it can be', async () => {
	trouble = 'Docker has not answered yet.';
	watch(false);
	recover();
	await expect.poll(() => adopted).toBe(1);
});

test('what did not get through is not forgotten, also without trouble, and is not done twice at once', async () => {
	let [atOnce, most] = [0, 0];
	watch(false, async () => {
		most = Math.max(most, ++atOnce);
		await new Promise((resolve) => setTimeout(resolve, 50));
		atOnce--;
		if (adopted < 3) throw new AppError('unavailable', 'Docker does not answer.');
		return [];
	});
	await expect.poll(() => adopted).toBe(1);
	recover();
	recover();
	await expect.poll(() => adopted).toBe(3);
	const running = await addRunning(0);
	recover();
	await expect.poll(() => statusOf(running)).toBe('creating');
	expect(most).toBe(1);
});

test('a message that waits for its provider is not lost: its project is started as well', async () => {
	watch();
	const first = await addRunning(-1_000);
	const message = { type: 'chat.sendPrompt', payload: {}, projectId: first } as const;
	const { jobId } = await enqueue(one.db, message);
	await one.db.updateTable('jobs').set({ state: 'waiting_for_credential' }).where('id', '=', jobId).execute();
	for (let at = 0; at < MOST_RESTARTED; at++) await addRunning(at);
	recover();
	await expect.poll(() => statusOf(first)).toBe('creating');
	expect((await listOpenJobs(one.db, first, ['chat.sendPrompt']))[0]).toMatchObject({
		state: 'waiting_for_credential',
	});
});
