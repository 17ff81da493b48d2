import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { completeWorkspace, isComplete } from './complete.ts';
import { ensureStarter, type Starter } from './starter.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'doce-complete-'));
let starter: Starter;

beforeAll(async () => {
	starter = await ensureStarter({ dataDir, logger: createLogger('silent') });
}, 300_000);
afterAll(() => rmSync(dataDir, { recursive: true }));

function site(id: string, files: Record<string, string>): string {
	const dir = join(dataDir, 'projects', id, 'workspace');
	mkdirSync(join(dir, 'src/pages'), { recursive: true });
	for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
	return dir;
}

const packages = (dependencies: Record<string, string>) => ({ 'package.json': JSON.stringify({ dependencies }) });

test('a site that needs no more than the starter has is complete without the network', async () => {
	const dir = site('p1', { ...packages({ astro: '^7.0.0', tailwindcss: '*' }), 'AGENTS.md': 'its own' });
	expect(isComplete(dir)).toBe(false);
	expect(await completeWorkspace({ dir, starter })).toEqual([]);
	expect(isComplete(dir)).toBe(true);
	const shared = statSync(join(starter.modules, 'astro/package.json'));
	expect(statSync(join(dir, 'node_modules/astro/package.json')).ino).toBe(shared.ino);
	expect(readFileSync(join(dir, 'AGENTS.md'), 'utf8')).toBe('its own');
	expect(existsSync(join(dir, '.git'))).toBe(starter.hasGit);
	expect(existsSync(join(dir, '../preview/home'))).toBe(true);
});

test('one that was cut off begins again', async () => {
	const dir = site('p2', packages({ astro: '^7.0.0' }));
	mkdirSync(join(dir, 'node_modules/half'), { recursive: true });
	writeFileSync(`${dir}.installing`, '');
	expect(isComplete(dir)).toBe(false);
	await completeWorkspace({ dir, starter });
	expect(existsSync(join(dir, 'node_modules/half'))).toBe(false);
	expect(isComplete(dir)).toBe(true);
});

test('what cannot be installed is named, and the site starts with what there is', async () => {
	const dir = site('p3', {
		...packages({ astro: '^7.0.0', 'local-one': 'file:../nowhere/local-one.tgz', 'local-two': '^1.0.0' }),
		// No registry answers there.
		'.npmrc': 'registry=http://127.0.0.1:9/\nfetch-retries=0\n',
	});
	const notes = await completeWorkspace({ dir, starter });
	expect(notes).toHaveLength(1);
	expect(notes[0]).toMatch(/could not be installed \(npm: \w+\): local-one, local-two\..*ask the agent/);
	expect(existsSync(join(dir, 'node_modules/astro/package.json'))).toBe(true);
	expect(isComplete(dir)).toBe(true);
}, 120_000);

test('a site without a package.json gets the starter beside its own files', async () => {
	const dir = site('p4', { 'index.html': '<h1>plain</h1>' });
	writeFileSync(join(dir, 'src/pages/index.astro'), 'mine');
	const [note] = await completeWorkspace({ dir, starter });
	expect(note).toMatch(/no package\.json/);
	expect(readFileSync(join(dir, 'index.html'), 'utf8')).toBe('<h1>plain</h1>');
	expect(readFileSync(join(dir, 'src/pages/index.astro'), 'utf8')).toBe('mine');
	expect(existsSync(join(dir, 'astro.config.mjs'))).toBe(true);
});

test('a site that is no Astro site, and a package.json that cannot be read, are said', async () => {
	const other = site('p5', packages({ tailwindcss: '4.3.3' }));
	expect((await completeWorkspace({ dir: other, starter })).join()).toMatch(/does not use Astro/);
	const broken = site('p6', { 'package.json': '{ "name": ' });
	expect((await completeWorkspace({ dir: broken, starter })).join()).toMatch(/cannot be read/);
});
