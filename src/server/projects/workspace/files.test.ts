import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listFiles, readFile } from './files.ts';

let ground: string;
let root: string;

beforeEach(() => {
	ground = mkdtempSync(join(tmpdir(), 'doce-files-'));
	root = join(ground, 'workspace');
	mkdirSync(join(root, 'src/pages'), { recursive: true });
	writeFileSync(join(root, 'src/pages/index.astro'), '<h1>Grüße</h1>\n');
	writeFileSync(join(ground, 'secret.txt'), 'not yours');
});
afterEach(() => rmSync(ground, { recursive: true }));

describe('listing files', () => {
	test('shows the site, parents first, without what tools make and without links', async () => {
		for (const folder of ['node_modules/x', '.git', '.astro', 'dist', 'public']) {
			mkdirSync(join(root, folder), { recursive: true });
			writeFileSync(join(root, folder, 'file'), 'x');
		}
		writeFileSync(join(root, '.gitignore'), 'dist/');
		symlinkSync('/etc', join(root, 'src/etc'));
		expect(await listFiles(root)).toEqual([
			{ path: '.gitignore', kind: 'file', size: 5 },
			{ path: 'public', kind: 'folder', size: 0 },
			{ path: 'src', kind: 'folder', size: 0 },
			{ path: 'public/file', kind: 'file', size: 1 },
			{ path: 'src/pages', kind: 'folder', size: 0 },
			{ path: 'src/pages/index.astro', kind: 'file', size: 17 },
		]);
	});

	test('ends at 5,000 entries', async () => {
		mkdirSync(join(root, 'many'));
		for (let n = 0; n < 5_100; n++) writeFileSync(join(root, 'many', `${n}`), '');
		expect(await listFiles(root)).toHaveLength(5_000);
	});

	test('says when there is nothing yet', async () => {
		await expect(listFiles(join(ground, 'nowhere'))).rejects.toMatchObject({ code: 'not_found' });
	});
});

describe('reading a file', () => {
	test('gives its text', async () => {
		expect(await readFile(root, 'src/pages/index.astro')).toBe('<h1>Grüße</h1>\n');
	});

	test.each([
		'../secret.txt',
		'src/../../secret.txt',
		'/etc/passwd',
		'',
		'.',
		'src//pages/index.astro',
		'src/pages/index.astro\0.png',
		'..\\secret.txt',
		`src/${'a'.repeat(1_000)}`,
		'.git/config',
		'node_modules/astro/package.json',
	])('refuses the path %j', async (path) => {
		mkdirSync(join(root, '.git'));
		writeFileSync(join(root, '.git/config'), 'url = https://user:token@example.com');
		await expect(readFile(root, path)).rejects.toMatchObject({ code: 'invalid' });
	});

	test.each(['src/none.astro', 'none/none.astro', 'src/pages/index.astro/deeper'])(
		'says that %s is not there',
		async (path) => {
			await expect(readFile(root, path)).rejects.toMatchObject({ code: 'not_found' });
		},
	);

	test('follows no link out of the site, not at the end and not on the way', async () => {
		symlinkSync(join(ground, 'secret.txt'), join(root, 'link.txt'));
		symlinkSync(ground, join(root, 'outside'));
		symlinkSync('src', join(root, 'inside'));
		await expect(readFile(root, 'link.txt')).rejects.toMatchObject({ code: 'invalid' });
		await expect(readFile(root, 'outside/secret.txt')).rejects.toMatchObject({ code: 'invalid' });
		expect(await readFile(root, 'inside/pages/index.astro')).toContain('Grüße');
	});

	test('works when the way to the root is a link, and not for a sibling that shares its name', async () => {
		symlinkSync(root, join(ground, 'way'));
		expect(await readFile(join(ground, 'way'), 'src/pages/index.astro')).toContain('Grüße');
		mkdirSync(join(ground, 'workspace-2'));
		writeFileSync(join(ground, 'workspace-2/file'), 'x');
		symlinkSync(join(ground, 'workspace-2'), join(root, 'sibling'));
		await expect(readFile(root, 'sibling/file')).rejects.toMatchObject({ code: 'invalid' });
	});

	test('refuses folders, pipes, binary and large files, and does not hang', async () => {
		execFileSync('/usr/bin/mkfifo', [join(root, 'pipe')]);
		writeFileSync(join(root, 'image.png'), Buffer.from([0x89, 0x50, 0x00, 0x01]));
		writeFileSync(join(root, 'latin1.txt'), Buffer.from([0x47, 0xfc]));
		writeFileSync(join(root, 'large.txt'), 'x'.repeat(512 * 1024 + 1));
		writeFileSync(join(root, 'fits.txt'), 'x'.repeat(512 * 1024));
		for (const path of ['src', 'pipe', 'image.png', 'latin1.txt', 'large.txt']) {
			await expect(readFile(root, path), path).rejects.toMatchObject({ code: 'invalid' });
		}
		expect(await readFile(root, 'fits.txt')).toHaveLength(512 * 1024);
	});

	test('hides the values of env files, and all of what could be a value', async () => {
		const lines = [
			'# Keys',
			'# OLD=canary',
			'API_KEY=canary',
			'export TOKEN = "canary"',
			"PEM='-----BEGIN",
			'canary',
			"canary=='",
			'AFTER=canary',
			'canary==',
			'',
		];
		for (const name of ['.env', '.env.local', '.ENV']) {
			writeFileSync(join(root, name), lines.join('\n'));
			const content = await readFile(root, name);
			expect(content).not.toContain('canary');
			expect(content.split('\n')).toEqual([
				...['# Keys', '# OLD=••••', 'API_KEY=••••', 'export TOKEN =••••', 'PEM=••••'],
				...['••••', '••••', 'AFTER=••••', '••••', ''],
			]);
		}
	});
});
