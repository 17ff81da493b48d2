import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { ensureStarter, type Starter } from './starter.ts';
import { createWorkspace, deleteWorkspace, previewCommand } from './workspace.ts';

const logger = createLogger('silent');
const dataDir = mkdtempSync(join(tmpdir(), 'doce-workspace-'));
const workspaceOf = (id: string) => join(dataDir, 'projects', id, 'workspace');
const PACKAGE = 'node_modules/astro/package.json';
let starter: Starter;

beforeAll(async () => {
	// Twice at once: one installation.
	[starter] = await Promise.all([ensureStarter({ dataDir, logger }), ensureStarter({ dataDir, logger })]);
}, 300_000);
afterAll(() => rmSync(dataDir, { recursive: true, maxRetries: 5 }));

test('installs the packages once, read-only, and leaves nothing half done', async () => {
	const cache = readdirSync(join(dataDir, 'cache'));
	expect(cache).toEqual([expect.stringMatching(/^starter-[0-9a-f]{16}$/)]);
	expect(statSync(join(starter.modules, 'astro/package.json')).mode & 0o222).toBe(0);
	const installed = statSync(starter.modules).ctimeMs;
	expect(await ensureStarter({ dataDir, logger })).toEqual(starter);
	expect(statSync(starter.modules).ctimeMs).toBe(installed);
});

test('makes a complete workspace, with shared files in folders of its own', async () => {
	const dir = workspaceOf('p1');
	await createWorkspace({ dir, starter });
	const shared = statSync(join(dir, PACKAGE));
	expect(shared.ino).toBe(statSync(join(starter.modules, 'astro/package.json')).ino);
	expect(shared.nlink).toBe(2);
	for (const path of ['package-lock.json', 'node_modules/.package-lock.json']) {
		expect([statSync(join(dir, path)).nlink, statSync(join(dir, path)).mode & 0o200]).toEqual([1, 0o200]);
	}
	expect(statSync(join(dir, 'node_modules')).mode & 0o700).toBe(0o700);
	expect(readFileSync(join(dir, 'node_modules/.bin/astro'), 'utf8')).toContain('#!/usr/bin/env node');
	expect(readFileSync(join(dir, 'AGENTS.md'), 'utf8')).toContain('hot reload');
	expect(execFileSync('git', ['-C', dir, 'status', '--porcelain'], { encoding: 'utf8' })).toContain('?? src/');
});

test('leaves an existing workspace alone and clears up one that was cut off', async () => {
	const dir = workspaceOf('p2');
	mkdirSync(join(`${dir}.new`, 'node_modules/astro'), { recursive: true });
	writeFileSync(join(`${dir}.new`, 'half'), '');
	await createWorkspace({ dir, starter });
	expect(existsSync(join(dir, 'half'))).toBe(false);
	writeFileSync(join(dir, 'src/pages/index.astro'), 'mine');
	await createWorkspace({ dir, starter });
	expect(readFileSync(join(dir, 'src/pages/index.astro'), 'utf8')).toBe('mine');
	await deleteWorkspace(dir);
	expect(readdirSync(join(dir, '..'))).toEqual([]);
	await deleteWorkspace(dir);
});

test('lets a workspace install packages without touching the shared ones', async () => {
	const dir = workspaceOf('p3');
	await createWorkspace({ dir, starter });
	const local = join(dataDir, 'local-package');
	mkdirSync(local);
	writeFileSync(join(local, 'package.json'), '{"name": "local-package", "version": "1.0.0"}');
	const before = fingerprint(starter.modules);
	execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', local], { cwd: dir, stdio: 'pipe' });
	expect(readFileSync(join(dir, 'package.json'), 'utf8')).toContain('local-package');
	expect(existsSync(join(dir, 'node_modules/local-package/package.json'))).toBe(true);
	expect(fingerprint(starter.modules)).toEqual(before);
	expect(statSync(join(dir, PACKAGE)).ino).toBe(statSync(join(starter.modules, 'astro/package.json')).ino);
}, 120_000);

test('copies where the file system cannot link', async () => {
	const elsewhere = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'doce-workspace-'));
	const modules = join(elsewhere, 'modules');
	mkdirSync(join(modules, 'one'), { recursive: true });
	writeFileSync(join(modules, 'one/index.js'), 'export {}', { mode: 0o444 });
	const dir = workspaceOf('p4');
	await createWorkspace({ dir, starter: { ...starter, modules, hasGit: false } });
	const copied = statSync(join(dir, 'node_modules/one/index.js'));
	const linked = copied.dev === statSync(modules).dev;
	expect([copied.nlink, copied.mode & 0o200]).toEqual(linked ? [2, 0] : [1, 0o200]);
	expect(existsSync(join(dir, '.git'))).toBe(false);
	rmSync(elsewhere, { recursive: true });
});

test('serves the first page on the given port, whatever the config says', async () => {
	const dir = workspaceOf('p5');
	await createWorkspace({ dir, starter });
	const config = join(dir, 'astro.config.mjs');
	writeFileSync(config, readFileSync(config, 'utf8').replace('strictPort: true', 'strictPort: false, port: 4'));
	const port = 19_000 + Math.floor(Math.random() * 900);
	const { argv, env, cwd } = previewCommand({ workspace: dir, port });
	const run = () => spawn(argv[0] ?? '', argv.slice(1), { env, cwd, stdio: 'ignore' });
	const preview = run();
	try {
		expect(await fetchPage(port)).toContain('Your site is being built');
		expect(await once(run(), 'exit')).toEqual([1, null]);
		expect(Object.keys(env).filter((name) => /DOCE|KEY|TOKEN/.test(name))).toEqual([]);
	} finally {
		preview.kill('SIGKILL');
	}
}, 60_000);

test('says what to do when npm cannot install', async () => {
	const template = mkdtempSync(join(dataDir, 'template-'));
	writeFileSync(join(template, 'package.json'), '{"name": "site", "dependencies": {"astro": "7.3.4"}}');
	writeFileSync(join(template, 'package-lock.json'), '{"name": "site", "lockfileVersion": 3, "packages": {}}');
	const other = mkdtempSync(join(dataDir, 'other-'));
	await expect(ensureStarter({ dataDir: other, logger, template })).rejects.toMatchObject({
		code: 'unavailable',
		message: expect.stringMatching(/npm: EUSAGE.*Check that this machine reaches the npm registry/),
	});
	expect(readdirSync(join(other, 'cache')).filter((name) => !name.endsWith('.tmp'))).toEqual([]);
}, 60_000);

/** Every file of a folder with its size and time of change. */
function fingerprint(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => {
			const { size, mtimeMs } = statSync(join(entry.parentPath, entry.name));
			return `${entry.parentPath}/${entry.name} ${size} ${mtimeMs}`;
		});
}

async function fetchPage(port: number): Promise<string> {
	for (let tries = 0; ; tries++) {
		try {
			return await new Promise((resolve, reject) => {
				get({ host: '127.0.0.1', port, headers: { host: 'localhost' } }, (response) => {
					let body = `${response.statusCode}\n`;
					response.setEncoding('utf8').on('data', (text: string) => {
						body += text;
					});
					response.once('end', () => (response.statusCode === 200 ? resolve(body) : reject(new Error(body))));
				}).once('error', reject);
			});
		} catch (error) {
			if (tries > 300) throw error;
			await sleep(100);
		}
	}
}
