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
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { prepareSpare, takePackages } from './spare.ts';
import type { Starter } from './starter.ts';

let dir: string;
let starter: Starter;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
	dir = mkdtempSync(join(tmpdir(), 'doce-spare-'));
	const modules = join(dir, 'cache/starter-abc/node_modules');
	mkdirSync(join(modules, 'tiny'), { recursive: true });
	writeFileSync(join(modules, 'tiny/index.js'), 'tiny', { mode: 0o444 });
	starter = { template: dir, modules, hasGit: false };
});
afterEach(() => {
	vi.useRealTimers();
	rmSync(dir, { recursive: true, maxRetries: 5 });
});

/** Lets the rest pass, and the copying that begins then come to its end. */
async function rest(): Promise<void> {
	vi.runAllTimers();
	await vi.waitUntil(() => existsSync(join(dir, 'cache/.spare-starter-abc')));
}

test('a site gets the packages that lie ready, and without them a copy of its own', async () => {
	mkdirSync(join(dir, 'cache/.spare-starter-old'));
	prepareSpare(starter, 'start');
	await rest();
	const ready = statSync(join(dir, 'cache/.spare-starter-abc/tiny/index.js')).ino;
	await takePackages(starter, join(dir, 'one'));
	await takePackages(starter, join(dir, 'two'));
	expect(statSync(join(dir, 'one/tiny/index.js')).ino).toBe(ready);
	for (const site of ['one', 'two']) {
		const { nlink, mode } = statSync(join(dir, site, 'tiny/index.js'));
		expect([nlink, mode & 0o200, readFileSync(join(dir, site, 'tiny/index.js'), 'utf8')]).toEqual([1, 0o200, 'tiny']);
	}
	expect(readdirSync(join(dir, 'cache'))).toEqual(['starter-abc']);
	await rest();
	expect(readdirSync(join(dir, 'cache')).sort()).toEqual(['.spare-starter-abc', 'starter-abc']);
});
