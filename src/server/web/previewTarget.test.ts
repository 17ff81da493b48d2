import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OneProject, openOneProject } from '../boot/testing/oneProject.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../logger.ts';
import { createUses } from '../projects/life/uses.ts';
import { setProjectStatus } from '../projects/projects.ts';
import type { RuntimeAddress } from '../runtime/runtime.ts';
import type { PreviewCaller } from './preview.ts';
import { findPreviewTarget } from './previewTarget.ts';

const at = { host: '127.0.0.1', port: 4321 };
let one: OneProject;
let isRunning: boolean;
let isFrozen: boolean;
let trouble: string | undefined;

beforeEach(async () => {
	one = await openOneProject();
	[isRunning, isFrozen, trouble] = [true, false, undefined];
	await setProjectStatus(one.db, one.projectId, 'running');
});

afterEach(() => one.close());

function openPreviews() {
	const runtime = {
		trouble: () => trouble,
		async find(): Promise<RuntimeAddress | undefined> {
			if (isFrozen && trouble !== undefined) throw new AppError('unavailable', 'It does not answer.');
			isFrozen = false;
			return isRunning ? { password: '', opencode: at, preview: at } : undefined;
		},
		async pause() {
			isFrozen = true;
			return true;
		},
	};
	const uses = createUses({ db: one.db, logger: createLogger('silent'), runtime });
	const app = { db: one.db, publicUrl: new URL('http://localhost:4321'), runtime, uses } as never;
	return { uses, ask: (by: PreviewCaller) => findPreviewTarget(app, one.projectId, by) };
}

test('a visit lets a paused project go on, and is a use of it; the web socket of a forgotten tab is neither', async () => {
	const { uses, ask } = openPreviews();
	await uses.pause(one.projectId);
	const before = uses.lastUse(await one.project());
	expect(await ask('socket')).toMatchObject({ state: 'stopped' });
	expect([isFrozen, uses.lastUse(await one.project())]).toEqual([true, before]);
	expect(await ask('person')).toMatchObject({ state: 'running', port: 4321 });
	expect([isFrozen, uses.isPaused(one.projectId)]).toEqual([false, false]);
	expect(await ask('socket')).toMatchObject({ state: 'running' });
});

test('a person wakes a stopped project, what a page loads does not; while nothing can run, the words say why', async () => {
	const { ask } = openPreviews();
	isRunning = false;
	await setProjectStatus(one.db, one.projectId, 'stopped');
	await one.db.updateTable('jobs').set({ state: 'succeeded' }).execute();
	trouble = 'Docker does not answer. Start it.';
	expect(await ask('person')).toMatchObject({ state: 'away', words: trouble });
	trouble = undefined;
	expect(await ask('page')).toMatchObject({ state: 'stopped' });
	expect((await one.project()).status).toBe('stopped');
	await ask('person');
	expect((await one.project()).status).toBe('creating');
});

test('a paused project that cannot go on says why', async () => {
	const { uses, ask } = openPreviews();
	await uses.pause(one.projectId);
	trouble = 'Docker does not answer. Start it.';
	expect(await ask('person')).toMatchObject({ state: 'away', words: trouble });
	trouble = undefined;
	expect(await ask('person')).toMatchObject({ state: 'running' });
});
