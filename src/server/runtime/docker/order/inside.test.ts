import { expect, test } from 'vitest';
import { argvInside, bindsOf, outermost } from './inside.ts';

const programs = new Map([
	['/host/node', 'node'],
	['/host/opencode', '/opt/doce/opencode'],
]);

test('programs of this machine become those of the image, and are not shown', () => {
	expect(argvInside({ argv: ['/host/node', '-e', 'x', '/host/opencode'] }, programs)).toEqual([
		...['node', '-e', 'x', '/opt/doce/opencode'],
	]);
	expect(bindsOf({ write: ['/data/a'], read: ['/host/opencode', '/data/plugin'] }, programs)).toEqual([
		{ from: '/data/a', to: '/data/a', writable: true },
		{ from: '/data/plugin', to: '/data/plugin', writable: false },
	]);
});

test('folders that lie in others count once', () => {
	expect(outermost(['/a', '/a/b', '/ab', '/a/b/c', '/ab'])).toEqual(['/a', '/ab']);
});
