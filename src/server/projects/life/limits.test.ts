import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Person } from '../../auth/connectionChanges.ts';
import { type OneProject, openOneProject } from '../../boot/testing/oneProject.ts';
import { AppError } from '../../errors.ts';
import type { Limits } from '../../runtime/runtime.ts';
import type { OwnedProject } from '../projects.ts';
import { limitProjects, limitsOf, runtimeLimitsOf, setProjectLimits, setReachedLimit, viewLimits } from './limits.ts';
import { limitNotices } from './notices.ts';
import { getRuntimeSettings, setRuntimeSettings } from './settings.ts';

const GB = 1024 ** 3;
let one: OneProject;
let held: Limits[];
const ada = { id: '', actor: 'user:ada', role: 'admin' } as const;

beforeEach(async () => {
	one = await openOneProject();
	held = [];
});
afterEach(() => one.close());

const runtime = {
	keeps: ['memory', 'cpus', 'disk'] as const,
	list: async () => [one.projectId],
	limit: async (_: string, limits: Limits) => {
		if (limits.memoryBytes < GB) throw new AppError('conflict', 'The project uses more than that now.');
		held.push(limits);
	},
};
const set = async (change: Parameters<typeof setProjectLimits>[3], person: Person = ada) =>
	setProjectLimits({ db: one.db, runtime }, person, (await one.project()) as OwnedProject, change);

test('a project has the limits of all projects, but for those of its own, which hold at once', async () => {
	expect(await limitsOf(one.db, await one.project())).toEqual({ memoryMb: 1_536, cpus: 2, diskMb: 5_120 });
	await set({ memoryMb: 1_200 });
	await set({ diskMb: 2_048 });
	expect(held.at(-1)).toEqual({ memoryBytes: 1_200 * 1024 ** 2, cpus: 2, diskBytes: 2 * GB });
	await setRuntimeSettings(one.db, ada, { defaults: { memoryMb: 1_024, cpus: 1 } });
	expect(await limitsOf(one.db, await one.project())).toEqual({ memoryMb: 1_200, cpus: 1, diskMb: 2_048 });
	await set({ memoryMb: null });
	expect(await runtimeLimitsOf(one.db, await one.project())).toMatchObject({ memoryBytes: GB, cpus: 1 });
	expect(await viewLimits({ db: one.db, runtime }, await one.project())).toMatchObject({
		own: { memoryMb: null, cpus: null, diskMb: 2_048 },
		defaults: { memoryMb: 1_024 },
		keeps: ['memory', 'cpus', 'disk'],
	});
});

test('what cannot be is refused in words, and nothing of it is kept', async () => {
	await expect(set({ memoryMb: 10 })).rejects.toThrow(/The memory of a project can be limited to between 256 MB and/);
	await expect(set({ cpus: 0 })).rejects.toThrow(/Processors of a project .* between 0\.1 cores and/);
	await expect(set({ memoryMb: 600 })).rejects.toThrow(/uses more than that now/);
	expect(await one.project()).toMatchObject({ memory_mb: null, cpus: null });
	await expect(setRuntimeSettings(one.db, ada, { stopAfterHours: -1 })).rejects.toThrow(/0 means never/);
	await expect(setRuntimeSettings(one.db, ada, { defaults: { diskMb: 1 } })).rejects.toThrow(/The disk/);
	expect(await getRuntimeSettings(one.db)).toMatchObject({ pauseAfterMinutes: 15, stopAfterHours: 12 });
});

test('what runs is held to changed settings; who uses more gets them later', async () => {
	await setRuntimeSettings(one.db, ada, { defaults: { cpus: 1 }, pauseAfterMinutes: 0 });
	await limitProjects({ db: one.db, runtime });
	expect(held).toMatchObject([{ cpus: 1 }]);
	await setRuntimeSettings(one.db, ada, { defaults: { memoryMb: 600 } });
	await limitProjects({ db: one.db, runtime });
	expect(held).toHaveLength(1);
	expect(await getRuntimeSettings(one.db)).toEqual({
		defaults: { memoryMb: 600, cpus: 1, diskMb: 5_120 },
		pauseAfterMinutes: 0,
		stopAfterHours: 12,
	});
});

test('a limit that was reached is forgotten when it is raised, and by nothing else', async () => {
	await setReachedLimit(one.db, one.projectId, 'disk');
	await set({ memoryMb: 1_500, diskMb: 4_096 });
	expect(await one.project()).toMatchObject({ reached: 'disk', disk_mb: 4_096 });
	await set({ diskMb: 8_192 });
	expect(await one.project()).toMatchObject({ reached: null, disk_mb: 8_192 });
});

test('a default that is raised makes projects without a limit of their own forget that they reached it', async () => {
	await setReachedLimit(one.db, one.projectId, 'disk');
	await setRuntimeSettings(one.db, ada, { defaults: { memoryMb: 1_600, diskMb: 4_096 } });
	expect(await one.project()).toMatchObject({ reached: 'disk' });
	await set({ diskMb: 2_048 });
	await setRuntimeSettings(one.db, ada, { defaults: { diskMb: 8_192 } });
	expect(await one.project()).toMatchObject({ reached: 'disk' });
	await one.db.updateTable('projects').set({ disk_mb: null }).execute();
	await setRuntimeSettings(one.db, ada, { defaults: { diskMb: 9_216 } });
	expect(await one.project()).toMatchObject({ reached: null });
});

test('more than all projects have is for an admin to give; others may keep what they were given', async () => {
	const eve: Person = { id: '', actor: 'user:eve', role: 'member' };
	await expect(set({ memoryMb: 2_048 }, eve)).rejects.toThrow(
		'Only an admin can give a project more than 1.5 GB of memory.',
	);
	await setRuntimeSettings(one.db, ada, { defaults: { cpus: 1 } });
	await expect(set({ cpus: 1.5 }, eve)).rejects.toThrow('Only an admin can give a project more than 1 core.');
	await set({ memoryMb: 1_200, diskMb: 5_120 }, eve);
	await set({ cpus: null, diskMb: 8_192 });
	await set({ memoryMb: null, diskMb: 8_192 }, eve);
	await expect(set({ diskMb: 9_000 }, eve)).rejects.toThrow(/more than 8 GB of disk/);
	expect(await one.project()).toMatchObject({ memory_mb: null, disk_mb: 8_192 });
});

test('the notice of a limit offers no more than its person may give, and says stopped of what was stopped', async () => {
	await setReachedLimit(one.db, one.projectId, 'memory');
	const notice = async () => (await limitNotices(one.db, await one.project()))[0];
	expect(await notice()).toMatchObject({ level: 'warn', reached: { raiseTo: 3_072 } });
	await one.db.updateTable('users').set({ role: 'member' }).execute();
	await one.db.updateTable('projects').set({ status: 'error', memory_mb: 1_024 }).execute();
	expect(await notice()).toEqual({
		level: 'error',
		message: 'The project ran out of its 1 GB of memory.',
		action: 'raise',
		reached: { limit: 'memory', raiseTo: 1_536 },
	});
	await one.db.updateTable('projects').set({ status: 'stopped', memory_mb: null }).execute();
	expect(await notice()).toMatchObject({
		message: expect.stringContaining('and was stopped'),
		reached: { raiseTo: null },
	});
});
