import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordAudit } from '#server/audit/audit.ts';
import { inTransaction, type OpenDatabase, openDatabase } from '#server/db/client.ts';
import type { Catalog } from '#server/opencode/catalog.ts';
import type { User } from '#server/users/users.ts';
import type { AuditEntryView } from '#shared/audit.ts';
import { exportAudit } from './export.ts';
import { toFilter } from './filter.ts';

const ADA: User = { id: 'a', name: 'ada', role: 'admin' };
const BOB: User = { id: 'b', name: 'bob', role: 'member' };

let dir: string;
let database: OpenDatabase;
let app: { db: OpenDatabase['db']; catalog: Catalog };

beforeEach(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-audit-'));
	database = await openDatabase(join(dir, 'doce.sqlite'));
	const { db } = database;
	const find = async (id: string) => (id === 'anthropic' ? ({ name: 'Anthropic' } as never) : undefined);
	app = { db, catalog: { find } as Catalog };
	const now = new Date().toISOString();
	const person = ({ id, name, role }: User) => ({
		id,
		name,
		username: name,
		email: `${id}@x`,
		email_verified: 0,
		role,
	});
	for (const user of [ADA, BOB])
		await db
			.insertInto('users')
			.values({ ...person(user), created_at: now, updated_at: now })
			.execute();
	await db
		.insertInto('api_tokens')
		.values({ id: 't', user_id: 'b', name: 'deploy', token_hash: 'h', created_at: 1 })
		.execute();
});
afterEach(async () => {
	await database.close();
	rmSync(dir, { recursive: true });
});

async function textOf(format: 'csv' | 'json', user = ADA, input = {}): Promise<string> {
	let text = '';
	for await (const piece of exportAudit(app, toFilter(input, user), format)) text += piece;
	return text;
}

test('names stand beside ids, and those of what is gone come from the trail itself', async () => {
	const { db } = app;
	const gone = { userId: 'b', connectionId: 'c1', detail: { providerId: 'anthropic', label: 'Work' } };
	await recordAudit(db, { actor: 'token:t', action: 'connection.connected', ...gone });
	await recordAudit(db, {
		actor: 'user:x',
		userId: 'b',
		connectionId: 'c1',
		projectId: 'p',
		action: 'credential.used',
	});
	await recordAudit(db, {
		actor: 'doce',
		userId: 'b',
		connectionId: 'c2',
		action: 'x',
		detail: { providerId: 'mine' },
	});
	const entries = JSON.parse(await textOf('json', BOB)) as AuditEntryView[];
	expect(entries.map(({ actorName, connectionName, projectName }) => [actorName, connectionName, projectName])).toEqual(
		[
			['doce', 'mine', null],
			['user:x', 'Anthropic · Work', null],
			['API token deploy', 'Anthropic · Work', null],
		],
	);
	expect(entries[2]?.ownerName).toBe('bob');
});

test('an export has every row, however many there are, newest first and each once', async () => {
	await inTransaction(app.db, async (tx) => {
		for (let at = 0; at < 1_100; at++)
			await recordAudit(tx, { actor: 'doce', userId: 'a', action: 'x', detail: { at } });
	});
	const entries = JSON.parse(await textOf('json')) as { detail: { at: number } }[];
	expect(entries.map(({ detail }) => detail.at)).toEqual(Array.from({ length: 1_100 }, (_, at) => 1_099 - at));
	const lines = (await textOf('csv')).trimEnd().split('\r\n');
	expect(lines).toHaveLength(1_101);
	expect(lines[0]).toBe(
		'"at","actor","actor name","owner","action","connection id","connection","project id","project","job id","detail"',
	);
	expect(lines[1]).toMatch(/^"\d{4}-.*Z","doce","doce","ada","x","","","","","","\{""at"":1099\}"$/);
	expect(JSON.parse(await textOf('json', BOB))).toEqual([]);
});

test('a label that is a formula is none in the file', async () => {
	const detail = { providerId: 'anthropic', label: 'x' };
	await recordAudit(app.db, { actor: 'doce', userId: 'a', connectionId: 'c', action: '=cmd|calc', detail });
	expect(await textOf('csv')).toContain(`"'=cmd|calc"`);
});

test('everybody’s entries are for admins, and filters hold together', () => {
	expect(toFilter({}, BOB)).toMatchObject({ userId: 'b' });
	expect(toFilter({ all: false }, ADA)).toMatchObject({ userId: 'a' });
	expect(toFilter({ all: true }, ADA).userId).toBeUndefined();
	expect(() => toFilter({ all: true }, BOB)).toThrow('Only an admin');
	expect(toFilter({ kind: 'park' }, ADA).actions).toEqual(['credential.parked', 'credential.resumed']);
	expect(toFilter({ action: 'anything' }, ADA).actions).toEqual(['anything']);
	expect(toFilter({ kind: 'park', action: 'connection.tested' }, ADA).actions).toEqual([]);
	expect(toFilter({ from: '2026-01-01T01:00:00+01:00' }, ADA).from).toBe(Date.UTC(2026, 0, 1));
});
