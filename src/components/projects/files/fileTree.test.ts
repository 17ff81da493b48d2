import { describe, expect, it } from 'vitest';
import { buildTree, foldersAbove, visibleRows } from './fileTree.ts';

const file = (path: string) => ({ path, kind: 'file' as const, size: 1 });
const shown = (paths: string[], open: string[]) =>
	visibleRows(buildTree(paths.map(file)), new Set(open)).map((row) => `${row.level} ${row.node.path}`);

describe('the file tree', () => {
	it('lists folders first, then files, by name', () => {
		expect(shown(['b.txt', 'src/index.ts', 'a.txt', 'public/x.svg'], [])).toEqual([
			'1 public',
			'1 src',
			'1 a.txt',
			'1 b.txt',
		]);
	});

	it('shows what is inside open folders only', () => {
		const paths = ['src/pages/index.astro', 'src/site.css'];
		expect(shown(paths, ['src'])).toEqual(['1 src', '2 src/pages', '2 src/site.css']);
		expect(shown(paths, ['src/pages'])).toEqual(['1 src']);
	});

	it('keeps an empty folder', () => {
		expect(buildTree([{ path: 'empty', kind: 'folder', size: 0 }])[0]?.kind).toBe('folder');
	});

	it('names the folders above a file', () => {
		expect(foldersAbove('src/pages/index.astro')).toEqual(['src', 'src/pages']);
		expect(foldersAbove('index.astro')).toEqual([]);
	});
});
