import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGate, type Gate } from '../chat/gate.ts';
import { createLogger } from '../logger.ts';
import { setRuntimeSettings } from '../projects/life/settings.ts';
import { createUses, type Uses } from '../projects/life/uses.ts';
import { setProjectStatus } from '../projects/projects.ts';
import { enqueue } from '../queue/enqueue.ts';
import { listOpenJobs } from '../queue/jobs.ts';
import { restUnused } from './idle.ts';
import { type OneProject, openOneProject } from './testing/oneProject.ts';

const MINUTE = 60_000;
let one: OneProject;
let time: number;
let isFrozen: boolean;
let others: string[];
let canPause: boolean;
let uses: Uses;
let gate: Gate;
/** What happens while the runtime freezes a project. */
let meanwhile: () => unknown;

const runtime = {
	get canPause() {
		return canPause;
	},
	trouble: () => undefined,
	list: async () => [...others, one.projectId],
	async pause(projectId: string) {
		if (projectId !== one.projectId) throw new Error('stuck');
		await meanwhile();
		isFrozen = true;
		return true;
	},
	async find() {
		isFrozen = false;
		return undefined;
	},
};

beforeEach(async () => {
	one = await openOneProject();
	[time, isFrozen, others, canPause, meanwhile] = [Date.now(), false, [], true, () => undefined];
	uses = createUses({ db: one.db, logger: createLogger('silent'), runtime, now: () => time });
	gate = createGate();
	await one.db.updateTable('jobs').set({ state: 'succeeded' }).execute();
	await setProjectStatus(one.db, one.projectId, 'running');
});

afterEach(() => one.close());

const lookAfter = async (minutes: number) => {
	time += minutes * MINUTE;
	await restUnused({ db: one.db, logger: createLogger('silent'), runtime, uses, gate, now: () => time });
};
const isStopping = async () => (await listOpenJobs(one.db, one.projectId, ['project.stop'])).length > 0;
const work = (state: 'queued' | 'waiting_for_credential' = 'queued') =>
	enqueue(one.db, { type: 'chat.sendPrompt', payload: {}, projectId: one.projectId }).then(({ jobId }) =>
		one.db.updateTable('jobs').set({ state }).where('id', '=', jobId).execute(),
	);

test('a project that nobody uses is paused after a while, goes on when it is used, and is stopped after hours', async () => {
	await lookAfter(14);
	expect(isFrozen).toBe(false);
	await lookAfter(2);
	expect([isFrozen, uses.isPaused(one.projectId)]).toEqual([true, true]);
	uses.note(one.projectId);
	expect([isFrozen, uses.isPaused(one.projectId)]).toEqual([false, false]);
	await lookAfter(10);
	expect(isFrozen).toBe(false);
	await lookAfter(11 * 60);
	expect([isFrozen, await isStopping()]).toEqual([true, false]);
	await lookAfter(60);
	expect(await isStopping()).toBe(true);
	const [job] = await listOpenJobs(one.db, one.projectId, ['project.stop']);
	expect(job?.payload).toMatchObject({ why: 'idle' });
});

test('never means never, and a runtime that cannot pause is not asked to', async () => {
	const ada = { id: '', actor: 'user:ada', role: 'admin' } as const;
	canPause = false;
	await lookAfter(60);
	expect(isFrozen).toBe(false);
	canPause = true;
	await setRuntimeSettings(one.db, ada, { pauseAfterMinutes: 0, stopAfterHours: 0 });
	await lookAfter(30 * 24 * 60);
	expect([isFrozen, await isStopping()]).toEqual([false, false]);
});

test('nothing happens to a project with work to do, and its time begins with the end of that', async () => {
	await work();
	await lookAfter(13 * 60);
	expect([isFrozen, await isStopping()]).toEqual([false, false]);
	await one.db.updateTable('jobs').set({ state: 'succeeded' }).execute();
	await lookAfter(10);
	expect(isFrozen).toBe(false);
	await lookAfter(10);
	expect(isFrozen).toBe(true);
});

test('one whose message waits for a provider is paused but not stopped: that would lose the message', async () => {
	await work('waiting_for_credential');
	await lookAfter(13 * 60);
	expect([isFrozen, await isStopping()]).toEqual([true, false]);
});

test('a credential that is on its way to projects lets all of them be', async () => {
	await enqueue(one.db, { type: 'credentials.changed', payload: {} });
	await lookAfter(13 * 60);
	expect([isFrozen, await isStopping()]).toEqual([false, false]);
});

test('who comes while a project is being frozen finds it awake', async () => {
	meanwhile = () => uses.note(one.projectId);
	await lookAfter(20);
	expect([isFrozen, uses.isPaused(one.projectId)]).toEqual([false, false]);
	meanwhile = work;
	await lookAfter(20);
	expect(isFrozen).toBe(false);
});

test('while a turn begins, it is not paused', async () => {
	let begun = (): void => undefined;
	const turn = gate.exclusive(one.projectId, () => new Promise<void>((resolve) => (begun = resolve)));
	const look = lookAfter(20);
	await expect.poll(() => begun).toBeDefined();
	expect(isFrozen).toBe(false);
	await work();
	begun();
	await Promise.all([turn, look]);
	expect(isFrozen).toBe(false);
});

test('one that cannot be paused keeps no other from it', async () => {
	const { id: _, slug, ...like } = await one.project();
	await one.db
		.insertInto('projects')
		.values({ ...like, id: 'stuck', slug: `${slug}-2` })
		.execute();
	others = ['stuck'];
	await lookAfter(20);
	expect(isFrozen).toBe(true);
});

test('the time of the last use outlives doce, to the minute', async () => {
	uses.note(one.projectId);
	const noted = time;
	await expect.poll(async () => (await one.project()).last_used_at).toBe(noted);
	time += 30_000;
	uses.note(one.projectId);
	expect(uses.lastUse(await one.project())).toBe(time);
	const later = createUses({ db: one.db, logger: createLogger('silent'), runtime });
	expect(later.lastUse(await one.project())).toBe(noted);
});
