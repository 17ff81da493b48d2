import { expect, test } from 'vitest';
import { debianMirror } from './apt.ts';

test('the mirror that the package lists of this Debian name is taken', () => {
	const lists = ['# a comment\ndeb [arch=amd64 signed-by=/x.gpg] https://mirror.example/debian bookworm main\n'];
	expect(debianMirror(lists)).toBe('https://mirror.example/debian');
});

test('it is found in the newer format too, among other paragraphs', () => {
	const list = [
		'Types: deb-src\nURIs: http://sources.example/debian\nSuites: bookworm',
		'# as delivered\nTypes: deb\nURIs: http://mirror.example/debian/\nSuites: bookworm bookworm-updates\nComponents: main',
	].join('\n\n');
	expect(debianMirror([list])).toBe('http://mirror.example/debian/');
});

test('another system, another suite and a repository that only has the name of the suite lead to Debian’s own', () => {
	const lists = [
		'deb http://archive.ubuntu.com/ubuntu jammy main\n',
		'deb http://mirror.example/debian trixie main\n',
		'deb https://packages.example/tool bookworm main\n',
		'#deb http://off.example/debian bookworm main\n',
	];
	expect(debianMirror(lists)).toBe('http://deb.debian.org/debian');
	expect(debianMirror([])).toBe('http://deb.debian.org/debian');
});
