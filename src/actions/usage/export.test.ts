import { afterEach, beforeEach, expect, test } from 'vitest';
import type { App } from '#server/app.ts';
import { listConnections } from '#server/auth/connections.ts';
import { connectProvider } from '#server/auth/providers.ts';
import { ADA, ANTHROPIC, BOB, directoryOf, type Fixture, openFixture } from '#server/auth/testing/fixture.ts';
import { addRecord } from '#server/usage/testing/records.ts';
import type { User } from '#server/users/users.ts';
import { usageCsv, usageFileName } from './export.ts';
import { makeReport } from './report.ts';

let fixture: Fixture;
let app: Pick<App, 'db' | 'catalog'>;
const ada = { id: ADA.id, role: 'admin' } as User;
const bob = { id: BOB.id, role: 'member' } as User;
const DAYS = { from: '2026-01-01', to: '2026-01-02' };
const at = Date.parse('2026-01-02T10:00:00Z');

beforeEach(async () => {
	fixture = await openFixture();
	app = { db: fixture.db, catalog: directoryOf(ANTHROPIC) as unknown as App['catalog'] };
});

afterEach(() => fixture.close());

test('a report is a file for a spreadsheet, in which no name is a formula', async () => {
	const deps = { db: fixture.db, keyring: await fixture.openKeys(), directory: directoryOf(ANTHROPIC) };
	const label = '=HYPERLINK("http://evil")';
	await connectProvider(deps, ADA, {
		providerId: 'anthropic',
		authType: 'api',
		apiKey: 'sk-some-key-1234567890',
		label,
		skipTest: true,
	});
	const [row] = await listConnections(fixture.db, ADA.id);
	await addRecord(fixture.db, { at, usd: 1.5, connection_id: row?.id ?? '', input_tokens: 7, model_id: '=2+2' });
	const report = await makeReport(app, ada, { ...DAYS, by: 'connection' });
	expect(usageFileName(report)).toBe('doce-usage-by-connection-2026-01-01-to-2026-01-02.csv');
	expect(usageCsv(report).split('\r\n')).toEqual([
		'"connection","id","calls","input tokens","cached tokens","output tokens","reasoning tokens","price (USD)"',
		`"Anthropic · =HYPERLINK(""http://evil"")","${row?.id}","1","7","0","0","0","1.500000"`,
		'',
	]);
	const models = await makeReport(app, ada, { ...DAYS, by: 'model' });
	expect(usageCsv({ ...models, rows: [{ ...models.rows[0], name: '=2+2' } as (typeof models.rows)[0]] })).toContain(
		`"'=2+2"`,
	);
});

test('members see their own, admins everybody’s, by name; what is gone is called so', async () => {
	await addRecord(fixture.db, { at, usd: 1, project_id: 'p-deleted-123456' });
	await addRecord(fixture.db, { at, usd: 2, user_id: BOB.id });
	expect((await makeReport(app, bob, { ...DAYS, by: 'day' })).totals.priceUsd).toBe(2);
	const all = await makeReport(app, ada, { ...DAYS, by: 'person', all: true });
	expect(all.rows.map(({ name, priceUsd }) => [name, priceUsd])).toEqual([
		[BOB.id, 2],
		[ADA.id, 1],
	]);
	const mine = await makeReport(app, ada, { ...DAYS, by: 'project' });
	expect(mine.rows.map(({ name }) => name)).toEqual(['A project that is gone (123456)']);
	await expect(makeReport(app, bob, { ...DAYS, by: 'day', all: true })).rejects.toMatchObject({ code: 'forbidden' });
});
