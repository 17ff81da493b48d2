import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inTransaction, type OpenDatabase, openDatabase } from '#server/db/client.ts';
import { type AuditFilter, listAudit, recordAudit } from './audit.ts';
import { lastKnownConnections, listSubjects } from './subjects.ts';

let dir: string;
let database: OpenDatabase;

beforeEach(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-audit-'));
	database = await openDatabase(join(dir, 'doce.sqlite'));
});
afterEach(async () => {
	await database.close();
	rmSync(dir, { recursive: true });
});

test('entries come back newest first, by person, connection and project, page by page', async () => {
	const { db } = database;
	await recordAudit(db, {
		actor: 'user:a',
		userId: 'a',
		action: 'connection.connected',
		connectionId: 'c1',
		detail: { ok: true },
	});
	await recordAudit(db, {
		actor: 'doce',
		userId: 'a',
		action: 'credential.delivered',
		connectionId: 'c1',
		projectId: 'p1',
		jobId: 'j1',
	});
	await recordAudit(db, { actor: 'token:t', userId: 'b', action: 'connection.connected', connectionId: 'c2' });
	const all = await listAudit(db, { limit: 10 });
	expect(all.map((entry) => entry.actor)).toEqual(['token:t', 'doce', 'user:a']);
	expect(all[2]).toEqual({
		id: expect.any(String),
		at: expect.stringMatching(/^\d{4}-.*Z$/),
		actor: 'user:a',
		userId: 'a',
		action: 'connection.connected',
		connectionId: 'c1',
		projectId: null,
		jobId: null,
		detail: { ok: true },
	});
	expect(await listAudit(db, { userId: 'a', limit: 10 })).toEqual(all.slice(1));
	expect(await listAudit(db, { userId: 'a', connectionId: 'c2', limit: 10 })).toEqual([]);
	expect(await listAudit(db, { projectId: 'p1', limit: 10 })).toEqual([all[1]]);
	expect(await listAudit(db, { limit: 2 })).toEqual(all.slice(0, 2));
	expect(await listAudit(db, { limit: 2, before: all[1]?.id })).toEqual(all.slice(2));
});

test('an entry stands or falls with the transaction of its change', async () => {
	const { db } = database;
	const failing = inTransaction(db, async (tx) => {
		await recordAudit(tx, { actor: 'doce', action: 'x' });
		throw new Error('changed my mind');
	});
	await expect(failing).rejects.toThrow('changed my mind');
	expect(await listAudit(db, { limit: 10 })).toEqual([]);
});

test('entries are found by kind of action, by who acted, and by time', async () => {
	const { db } = database;
	const record = (action: string, actor: 'doce' | 'user:a') => recordAudit(db, { actor, userId: 'a', action });
	await record('connection.connected', 'user:a');
	await record('connection.tested', 'user:a');
	await record('credential.delivered', 'doce');
	const hour = 3_600_000;
	const start = Date.UTC(2026, 0, 1);
	const rows = await db.selectFrom('audit_entries').select('id').orderBy('id').execute();
	for (const [at, { id }] of rows.entries())
		await db
			.updateTable('audit_entries')
			.set({ at: start + at * hour })
			.where('id', '=', id)
			.execute();
	const actions = async (filter: Omit<AuditFilter, 'limit'>) =>
		(await listAudit(db, { ...filter, limit: 10 })).map(({ action }) => action.split('.')[1]);
	expect(await actions({ actions: ['connection.connected', 'connection.tested'] })).toEqual(['tested', 'connected']);
	expect(await actions({ actions: [] })).toEqual([]);
	expect(await actions({ actor: 'doce' })).toEqual(['delivered']);
	expect(await actions({ from: start + hour })).toEqual(['delivered', 'tested']);
	expect(await actions({ from: start, to: start + hour })).toEqual(['connected']);
	expect(await actions({ actor: 'user:a', actions: ['credential.delivered'] })).toEqual([]);
});

test('what there is to filter by is what the entries speak of, also when it is gone', async () => {
	const { db } = database;
	const detail = (label: string) => ({ providerId: 'anthropic', label });
	const a = { userId: 'a', connectionId: 'c1' };
	await recordAudit(db, { actor: 'user:a', ...a, action: 'connection.connected', detail: detail('Old') });
	await recordAudit(db, { actor: 'user:a', ...a, action: 'connection.updated', detail: detail('New') });
	await recordAudit(db, {
		actor: 'doce',
		...a,
		projectId: 'p1',
		action: 'credential.delivered',
		detail: { version: 1 },
	});
	await recordAudit(db, { actor: 'token:t', userId: 'b', action: 'connection.connected', connectionId: 'c2' });
	expect(await listSubjects(db, 'a')).toEqual({
		connectionIds: ['c1'],
		projectIds: ['p1'],
		actors: ['doce', 'user:a'],
	});
	expect((await listSubjects(db, undefined)).connectionIds).toEqual(['c1', 'c2']);
	expect(await lastKnownConnections(db, ['c1', 'c2', 'c3'])).toEqual(
		new Map([['c1', { providerId: 'anthropic', label: 'New' }]]),
	);
});
