import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createScrubber } from '../../auth/leakguard/scrubber.ts';
import { packWorkspace } from './archive.ts';

const KEY = 'sk-export-7QzX9xW2mB4vLr8tYp1s';
const scrubber = createScrubber([KEY], Buffer.alloc(32, 7));
let root: string;

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'doce-export-'));
	write('package.json', '{"name":"site"}');
	write('src/pages/index.astro', '<h1>Hello 🥐</h1>');
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string | Buffer): void {
	mkdirSync(dirname(join(root, path)), { recursive: true });
	writeFileSync(join(root, path), content);
}

const unpacked = async () => unzipSync(await packWorkspace(root, scrubber));

test('an export has the site’s files, as they are', async () => {
	write('public/blob.bin', Buffer.from([0, 255, 10, 13, 0]));
	write('empty.txt', '');
	const files = await unpacked();
	expect(Object.keys(files).sort()).toEqual(['empty.txt', 'package.json', 'public/blob.bin', 'src/pages/index.astro']);
	expect(strFromU8(files['src/pages/index.astro'] ?? new Uint8Array())).toBe('<h1>Hello 🥐</h1>');
	expect([...(files['public/blob.bin'] ?? [])]).toEqual([0, 255, 10, 13, 0]);
});

test('it has nothing that tools made, no file for secrets, and nothing that a link leads to', async () => {
	for (const path of ['node_modules/a/index.js', '.git/config', 'dist/index.html', '.astro/types.d.ts'])
		write(path, 'x');
	for (const path of ['.env', '.env.local', 'sub/.env.production', '.npmrc', 'auth.json', 'tls/server.pem'])
		write(path, KEY);
	write('.env.example', 'KEY=');
	symlinkSync('/etc/passwd', join(root, 'linked.txt'));
	symlinkSync('/etc', join(root, 'linked'));
	expect(Object.keys(await unpacked()).sort()).toEqual(['.env.example', 'package.json', 'src/pages/index.astro']);
});

test('a file that carries a key is named, and nothing is exported', async () => {
	write('src/config.ts', `export const key = '${KEY}'`);
	await expect(packWorkspace(root, scrubber)).rejects.toMatchObject({
		code: 'conflict',
		message: expect.stringMatching(/This file carries one of your keys: src\/config\.ts\./),
	});
	write('public/logo.png', Buffer.concat([Buffer.alloc(500), Buffer.from(KEY)]));
	await expect(packWorkspace(root, scrubber)).rejects.toThrow(/These files carry .*public\/logo\.png, src\/config\.ts/);
	for (let at = 0; at < 12; at++) write(`copies/${at}.txt`, Buffer.from(KEY).toString('base64'));
	await expect(packWorkspace(root, scrubber)).rejects.toThrow(/ and 4 more\./);
});

test('a project that has no files yet says so', async () => {
	await expect(packWorkspace(join(root, 'none'), scrubber)).rejects.toMatchObject({ code: 'not_found' });
});
