import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotPlain, openPlain, readBounded, readPlain } from './plainFiles.ts';

let dir: string;
let place: string;

beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'doce-plain-'));
	place = join(dir, 'file');
});

afterEach(() => rmSync(dir, { recursive: true }));

test('a file is read up to a limit, and none is nothing', async () => {
	expect(await readPlain(place, 9)).toBeUndefined();
	expect(await readPlain(join(place, 'below'), 9)).toBeUndefined();
	writeFileSync(place, 'nine byte');
	expect(await readPlain(join(place, 'below'), 9)).toBeUndefined();
	expect([await readPlain(place, 9), await readPlain(place, 8)]).toEqual(['nine byte', undefined]);
	writeFileSync(place, '');
	expect(await readPlain(place, 9)).toBe('');
});

test('one that grows meanwhile stays within it', async () => {
	writeFileSync(place, 'short');
	const file = await openPlain(place);
	appendFileSync(place, 'x'.repeat(100_000));
	expect(await readBounded(file, 50_000)).toBeUndefined();
	await file.close();
	expect(readFileSync(place)).toHaveLength(100_005);
});

test('pipes, links, folders and sockets are nothing, and nobody waits for them', async () => {
	writeFileSync(join(dir, 'other'), 'other');
	symlinkSync(join(dir, 'other'), join(dir, 'link'));
	mkdirSync(join(dir, 'folder'));
	execFileSync('/usr/bin/mkfifo', [join(dir, 'pipe')]);
	const server = createServer().listen(join(dir, 'socket'));
	await new Promise((resolve) => server.once('listening', resolve));
	// More of them than there are threads to open files with.
	for (const name of ['link', 'folder', 'socket', ...Array(8).fill('pipe')]) {
		expect(await readPlain(join(dir, name), 99), name).toBeUndefined();
		await expect(openPlain(join(dir, name)), name).rejects.toBeInstanceOf(NotPlain);
	}
	server.close();
});
