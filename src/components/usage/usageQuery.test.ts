import { expect, test } from 'vitest';
import { EVERYTHING, exportAddress, isFiltered, readUsageQuery, toUsageFilter, writeUsageQuery } from './usageQuery.ts';

const FULL = { by: 'model', project: 'p1', connection: 'c1', from: '2026-01-01', to: '2026-01-31', all: true } as const;

test('an address and a query say the same', () => {
	expect(writeUsageQuery(EVERYTHING)).toBe('');
	expect(readUsageQuery(new URLSearchParams(''))).toEqual(EVERYTHING);
	expect(readUsageQuery(new URLSearchParams(writeUsageQuery(FULL)))).toEqual(FULL);
});

test('what an address has no business to say is left out', () => {
	const odd = new URLSearchParams({ by: 'colour', from: '2026-02-30', to: 'x', all: '1', project: 'p'.repeat(100) });
	expect(readUsageQuery(odd)).toEqual({ ...EVERYTHING, project: 'p'.repeat(64) });
});

test('the server is asked for what the query names, and the download is of just that', () => {
	expect(toUsageFilter(EVERYTHING)).toEqual({});
	expect(toUsageFilter(FULL)).toEqual({
		projectId: 'p1',
		connectionId: 'c1',
		from: '2026-01-01',
		to: '2026-01-31',
		all: true,
	});
	expect(exportAddress(EVERYTHING)).toBe('/api/usage.csv?by=day');
	expect(exportAddress(FULL)).toBe(
		'/api/usage.csv?by=model&projectId=p1&connectionId=c1&from=2026-01-01&to=2026-01-31&all=true',
	);
	expect(isFiltered(EVERYTHING)).toBe(false);
	expect(isFiltered({ ...EVERYTHING, from: '2026-01-01' })).toBe(true);
});
