import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inTransaction, type OpenDatabase, openDatabase } from '#server/db/client.ts';
import { listAudit, recordAudit } from './audit.ts';

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
