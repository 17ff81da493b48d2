import { expect, test } from 'vitest';
import { csvLine } from './csv.ts';

test('cells hold commas, quotation marks and line ends', () => {
	expect(csvLine(['a,b', 'say "hi"', 'two\nlines', null, ''])).toBe('"a,b","say ""hi""","two\nlines","",""\r\n');
});

test('no cell is a formula', () => {
	for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '  =1', '\r=1', '|calc', '=HYPERLINK("http://x")'])
		expect(csvLine([text])).toMatch(/^"'/);
	expect(csvLine(['Work = private', 'a-b', '2026-01-01T00:00:00.000Z'])).not.toContain("'");
});
