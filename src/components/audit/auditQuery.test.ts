import { expect, test } from 'vitest';
import { auditFilter } from '#shared/audit.ts';
import { PAGE, withNewest } from './auditList.ts';
import { EVERYTHING, exportAddress, isFiltered, readAuditQuery, toAuditFilter, writeAuditQuery } from './auditQuery.ts';
import { auditSentence } from './auditWords.ts';

test('a query survives the page’s address, and nonsense there is nothing', () => {
	const query = { ...EVERYTHING, project: 'p1', kind: 'park' as const, from: '2026-01-31', all: true };
	expect(readAuditQuery(new URLSearchParams(writeAuditQuery(query)))).toEqual(query);
	expect(writeAuditQuery(EVERYTHING)).toBe('');
	expect(readAuditQuery(new URLSearchParams('kind=x&from=2026-13-45&to=soon&all=1'))).toEqual(EVERYTHING);
	expect([isFiltered(query), isFiltered({ ...EVERYTHING, all: true })]).toEqual([true, false]);
});

test('days are whole days of the browser, the last one included', () => {
	const { from, to } = toAuditFilter({ ...EVERYTHING, from: '2026-01-31', to: '2026-01-31' });
	expect(from).toBe(new Date(2026, 0, 31).toISOString());
	expect(to).toBe(new Date(2026, 1, 1).toISOString());
});

test('the download asks for what the page shows', () => {
	expect(exportAddress(EVERYTHING, 'csv')).toBe('/api/audit.csv');
	const address = exportAddress({ ...EVERYTHING, connection: 'c1', kind: 'test', from: '2026-01-31' }, 'json');
	const query = Object.fromEntries(new URL(address, 'http://x').searchParams);
	expect(auditFilter.safeParse(query).success).toBe(true);
	expect(query).toMatchObject({ connectionId: 'c1', kind: 'test' });
});

test('each action is said in a sentence, and one that nobody knows by its name', () => {
	const said = (action: string, detail = {}) => auditSentence({ action, detail });
	expect(said('connection.connected', { tested: true })).toBe('Connected');
	expect(said('connection.connected', { tested: false })).toBe('Connected without a test');
	expect(said('connection.tested', { ok: false, reason: 'out_of_credit' })).toBe('Tested: out of credit');
	expect(said('connection.updated', { keyReplaced: true, renamed: false })).toBe('Key replaced');
	expect(said('connection.statusChanged', { status: 'error', reason: 'unreachable' })).toBe(
		'Stopped working: unreachable',
	);
	expect(said('connection.statusChanged', { status: 'connected', reason: null })).toBe('Works again');
	expect(said('connection.imported', { from: 'A_KEY of .env' })).toBe('Moved in from A_KEY of .env');
	expect(said('future.thing')).toBe('future.thing');
});

test('new entries come in front of those that are shown, and a gap is not papered over', () => {
	const entry = (id: number) => ({ id: String(id) }) as Parameters<typeof withNewest>[0][number];
	const list = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => entry(last - at));
	expect(withNewest(list(1, 3), list(2, 5))).toEqual(list(1, 5));
	expect(withNewest(list(1, 3), list(1, 3))).toEqual(list(1, 3));
	expect(withNewest([], list(1, 2))).toEqual(list(1, 2));
	expect(withNewest(list(1, 3), list(100, 99 + PAGE))).toEqual(list(100, 99 + PAGE));
});
