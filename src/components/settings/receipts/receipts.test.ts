import { describe, expect, it } from 'vitest';
import { receiptKind, receiptState } from '#shared/receipts.ts';
import { PROJECTS, RECEIPTS } from '../showcase/fixtures.ts';
import { byVersion, putReceipt, receiptWords, standingWords } from './receiptWords.ts';
import { removalOf } from './removal.ts';

const REMOVALS = RECEIPTS.filter(({ kind }) => kind === 'remove');
const done = REMOVALS.map((receipt) => ({ ...receipt, state: 'done' as const, detail: null }));
const words = (lines: { name: string; words: string; detail: string }[]) =>
	lines.map((line) => `${line.name}: ${line.words}, ${line.detail}`);

describe('receipts in words', () => {
	it('never look done when they are not', () => {
		for (const kind of receiptKind.options)
			for (const state of receiptState.options)
				expect(receiptWords({ kind, state }).tone === 'ok').toBe(state === 'done');
	});

	it('say why a project has nothing', () => {
		expect(PROJECTS.map((project) => standingWords(project).detail)).toEqual([
			null,
			'Busy: after its turn',
			'OpenCode did not answer',
			'Holds nothing; gets it when it starts',
		]);
	});

	it('stand under their version, the newest first', () => {
		expect(byVersion(RECEIPTS.toReversed()).map(({ version, receipts }) => [version, receipts.length])).toEqual([
			[3, 3],
			[2, 3],
			[1, 2],
		]);
	});

	it('change in their place, and new ones come last', () => {
		const [first] = RECEIPTS;
		if (first === undefined) throw new Error('No fixtures.');
		const changed = putReceipt(RECEIPTS, { ...first, state: 'failed' });
		expect(changed[0]?.state).toBe('failed');
		expect(changed).toHaveLength(RECEIPTS.length);
		expect(putReceipt(RECEIPTS, { ...first, version: 4 }).at(-1)?.version).toBe(4);
	});
});

describe('a disconnect on its way', () => {
	it('counts the projects that held it, and names what is pending', () => {
		const { lines, removed, total, waiting } = removalOf(PROJECTS, RECEIPTS);
		expect(words(lines)).toEqual([
			'Bakery: Removed, OpenCode has no key for it any more',
			'Blog: Pending, Busy: after its turn',
			'Shop: Not removed, OpenCode did not answer',
			'Portfolio: Asleep, It holds nothing',
		]);
		expect([removed, total]).toEqual([1, 3]);
		expect(waiting).toContain('One project');
	});

	it('waits for every project that held it before there is a receipt', () => {
		const { removed, total, waiting } = removalOf(PROJECTS, []);
		expect([removed, total]).toEqual([0, 3]);
		expect(waiting).toContain('3 projects');
	});

	it('has nothing to take from a project that is asleep, whatever its receipt waits for', () => {
		const asleep = REMOVALS.slice(1, 2).map((receipt) => ({ ...receipt, projectId: 'portfolio' }));
		expect(words(removalOf(PROJECTS, asleep).lines)).toContain('Portfolio: Asleep, It holds nothing');
	});

	it('ends when each of them has shown that the key is gone', () => {
		const { removed, total, waiting } = removalOf(PROJECTS, done);
		expect([removed, total, waiting]).toEqual([3, 3, null]);
	});

	it('goes by the last disconnect, not by an earlier one', () => {
		const earlier = done.map((receipt) => ({ ...receipt, version: 1 }));
		expect(removalOf(PROJECTS, [...earlier, ...REMOVALS]).removed).toBe(1);
	});

	it('shows a project that had it without being known to use it', () => {
		expect(removalOf([], REMOVALS).total).toBe(3);
	});

	it('has nothing to wait for when no project held it', () => {
		expect(removalOf([], [])).toEqual({ lines: [], removed: 0, total: 0, waiting: null });
	});
});
