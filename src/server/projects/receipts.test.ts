import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADA, BOB, type Fixture, openFixture } from '../auth/testing/fixture.ts';
import { inTransaction } from '../db/client.ts';
import { forgetProject } from './projects.ts';
import { listPendingReceipts, listReceipts, openReceipts, settleReceipt } from './receipts.ts';

let fixture: Fixture;

const WORK = { id: 'c-work', user_id: ADA.id, provider_id: 'anthropic', version: 1 };
const BLOG = { id: 'p-blog' };
const SHOP = { id: 'p-shop' };
const OF_WORK = { connectionId: WORK.id, userId: ADA.id };

beforeEach(async () => {
	fixture = await openFixture();
	const now = Date.now();
	for (const [id, name] of [
		['p-shop', 'Shop'],
		['p-blog', 'Blog'],
	] as const) {
		const times = { last_active_at: now, created_at: now, updated_at: now };
		const rest = { prompt: 'a site', status: 'running', runtime: 'process', ...times } as const;
		await fixture.db
			.insertInto('projects')
			.values({ id, user_id: ADA.id, name, slug: id, ...rest })
			.execute();
	}
});

afterEach(() => fixture.close());

const facts = async (filter = OF_WORK) =>
	(await listReceipts(fixture.db, filter)).map(
		({ version, projectName, kind, state, detail }) => `${version} ${projectName} ${kind} ${state}: ${detail}`,
	);

test('a change is pending in each project until it is settled there', async () => {
	const opened = await openReceipts(fixture.db, { connection: WORK, projects: [SHOP, BLOG], kind: 'deliver' });
	expect(opened.map(({ projectName, state }) => [projectName, state])).toEqual([
		['Blog', 'pending'],
		['Shop', 'pending'],
	]);
	const settled = await settleReceipt(fixture.db, {
		connectionId: WORK.id,
		version: 1,
		projectId: BLOG.id,
		state: 'done',
		detail: null,
		jobId: 'j-1',
	});
	expect(settled).toMatchObject([{ version: 1, projectId: BLOG.id, projectName: 'Blog', state: 'done' }]);
	expect(await facts()).toEqual(['1 Blog deliver done: null', '1 Shop deliver pending: null']);
});

test('a pending receipt says what it waits for, and a failed one may still be done', async () => {
	const receipt = { connectionId: WORK.id, version: 1, projectId: BLOG.id };
	await openReceipts(fixture.db, { connection: WORK, projects: [BLOG], kind: 'deliver' });
	await settleReceipt(fixture.db, { ...receipt, state: 'pending', detail: 'busy' });
	expect(await facts()).toEqual(['1 Blog deliver pending: busy']);
	await settleReceipt(fixture.db, { ...receipt, state: 'failed', detail: 'OpenCode did not answer' });
	expect(await facts()).toEqual(['1 Blog deliver failed: OpenCode did not answer']);
	await settleReceipt(fixture.db, { ...receipt, state: 'done', detail: null });
	expect(await facts()).toEqual(['1 Blog deliver done: null']);
});

test('what is done stays done, and saying the same again changes nothing', async () => {
	const receipt = { connectionId: WORK.id, version: 1, projectId: BLOG.id };
	await openReceipts(fixture.db, { connection: WORK, projects: [BLOG], kind: 'deliver' });
	await settleReceipt(fixture.db, { ...receipt, state: 'pending', detail: 'busy' });
	expect(await settleReceipt(fixture.db, { ...receipt, state: 'pending', detail: 'busy' })).toEqual([]);
	await settleReceipt(fixture.db, { ...receipt, state: 'done', detail: null });
	expect(await settleReceipt(fixture.db, { ...receipt, state: 'failed', detail: 'late' })).toEqual([]);
	expect(await facts()).toEqual(['1 Blog deliver done: null']);
});

test('a receipt that nobody opened is not made up', async () => {
	const settled = settleReceipt(fixture.db, {
		connectionId: WORK.id,
		version: 9,
		projectId: BLOG.id,
		state: 'done',
		detail: null,
	});
	expect(await settled).toEqual([]);
	expect(await facts()).toEqual([]);
});

test('a later version supersedes what had not arrived, and leaves alone what had', async () => {
	await openReceipts(fixture.db, { connection: WORK, projects: [BLOG, SHOP], kind: 'deliver' });
	await settleReceipt(fixture.db, {
		connectionId: WORK.id,
		version: 1,
		projectId: BLOG.id,
		state: 'done',
		detail: null,
	});
	const gone = { ...WORK, version: 2 };
	await openReceipts(fixture.db, { connection: gone, projects: [BLOG, SHOP], kind: 'remove', detail: 'asleep' });
	expect(await facts()).toEqual([
		'2 Blog remove pending: asleep',
		'2 Shop remove pending: asleep',
		'1 Blog deliver done: null',
		'1 Shop deliver superseded: Version 2 took its place.',
	]);
});

test('an account that is switched to again is pending again', async () => {
	const receipt = { connectionId: WORK.id, version: 1, projectId: BLOG.id };
	await openReceipts(fixture.db, { connection: WORK, projects: [BLOG], kind: 'deliver' });
	await settleReceipt(fixture.db, { ...receipt, state: 'done', detail: null });
	await openReceipts(fixture.db, { connection: WORK, projects: [BLOG], kind: 'deliver' });
	expect(await facts()).toEqual(['1 Blog deliver pending: null']);
});

test('a project knows what is pending for it, the oldest first', async () => {
	await openReceipts(fixture.db, { connection: WORK, projects: [BLOG, SHOP], kind: 'deliver' });
	const other = { ...WORK, id: 'c-home' };
	await openReceipts(fixture.db, { connection: other, projects: [BLOG], kind: 'deliver', jobId: 'j-2' });
	const pending = await listPendingReceipts(fixture.db, BLOG.id);
	expect(pending.map((row) => row.connection_id).sort()).toEqual(['c-home', 'c-work']);
	expect(await listPendingReceipts(fixture.db, 'p-none')).toEqual([]);
});

test('receipts are shown to their person alone', async () => {
	await openReceipts(fixture.db, { connection: WORK, projects: [BLOG], kind: 'deliver' });
	expect(await facts({ connectionId: WORK.id, userId: BOB.id })).toEqual([]);
});

test('receipts come to be with the change, or not at all', async () => {
	const broken = inTransaction(fixture.db, async (tx) => {
		await openReceipts(tx, { connection: WORK, projects: [BLOG], kind: 'deliver' });
		throw new Error('The change failed.');
	});
	await expect(broken).rejects.toThrow('The change failed.');
	expect(await facts()).toEqual([]);
});

test('a deleted project has given up what it held, and needs nothing more', async () => {
	await openReceipts(fixture.db, { connection: WORK, projects: [BLOG, SHOP], kind: 'deliver' });
	const gone = { ...WORK, id: 'c-home', version: 2 };
	await openReceipts(fixture.db, { connection: gone, projects: [BLOG], kind: 'remove' });
	await forgetProject(fixture.db, BLOG.id);
	expect(await facts()).toEqual([
		'1 null deliver superseded: The project was deleted, with everything it held.',
		'1 Shop deliver pending: null',
	]);
	expect(await facts({ ...OF_WORK, connectionId: 'c-home' })).toEqual([
		'2 null remove done: The project was deleted, with everything it held.',
	]);
});
