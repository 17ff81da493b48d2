import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	linkSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { openSeparation } from '../../runtime/fence/fence.ts';
import { createProcessRuntime } from '../../runtime/process.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { npmApart } from '../access.ts';
import { prepareWorkspace } from '../setup.ts';
import { completeWorkspace } from './complete.ts';
import { copyModules, isUnshared, linkModules } from './modules.ts';
import type { Starter } from './starter.ts';
import { unshareFiles } from './unshare.ts';
import { createWorkspace } from './workspace.ts';

const logger = createLogger('silent');
const PACKAGE = 'node_modules/astro/package.json';
const NEVER = 'echo "the agent wrote this"';
let dataDir: string;
let runtime: Runtime;
let starter: Starter;
/** A file of doce's own, which no project may change. */
let victim: string;

beforeEach(async () => {
	dataDir = mkdtempSync(join(tmpdir(), 'doce-apart-'));
	const dir = join(dataDir, 'run');
	runtime = createProcessRuntime({ dir, logger, separation: await openSeparation({ dir, logger, mode: 'auto' }) });
	expect(runtime.isolation.level).not.toBe('not');
	const [template, modules] = [join(dataDir, 'starter/template'), join(dataDir, 'starter/node_modules')];
	write(join(template, 'AGENTS.md'), 'instructions');
	write(join(template, 'package.json'), '{"dependencies":{"astro":"1.0.0"}}');
	write(join(modules, 'astro/package.json'), '{"name":"astro","version":"1.0.0"}', 0o444);
	starter = { template, modules, hasGit: true };
	victim = join(dataDir, 'victim');
	writeFileSync(victim, 'of doce');
});

afterEach(async () => {
	await runtime.stopAll();
	rmSync(dataDir, { recursive: true });
});

function write(path: string, content: string, mode = 0o644): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, content, { mode });
}

const workspaceOf = (id: string) => join(dataDir, 'projects', id, 'workspace');
const unshare = (id: string) => unshareFiles(runtime, { projectId: id, workspace: workspaceOf(id) });

function prepare(id: string): Promise<string[]> {
	const services = { dataDir, runtime, logger, starter: async () => starter };
	return prepareWorkspace(services as never, { id } as never);
}

function sharedFiles(dir: string): string[] {
	const found = execFileSync('find', [dir, '-type', 'f', '-links', '+1'], { encoding: 'utf8' });
	return found.split('\n').filter((path) => path !== '');
}

/** npm runs it, in place of git, whatever it is told of scripts. */
function plantScript(dir: string, lines: string): void {
	write(join(dir, 'pkg/package.json'), '{"name":"astro","version":"9.9.9"}');
	const own = { dependencies: { astro: 'file:./pkg' }, optionalDependencies: { x: 'git+file:///nowhere.git' } };
	write(join(dir, 'package.json'), JSON.stringify({ name: 's', version: '1.0.0', ...own }));
	write(join(dir, 'evil.sh'), `#!/bin/sh\ncd ${dir}\n${lines}\necho ran >> evil.log\nexit 1\n`);
	chmodSync(join(dir, 'evil.sh'), 0o755);
	write(join(dir, '.npmrc'), `git=${join(dir, 'evil.sh')}\n`);
}

test('what a site’s scripts leave among its packages leads doce to no file outside of it', async () => {
	const dir = workspaceOf('p1');
	plantScript(
		dir,
		`mkdir -p node_modules/.cache && ${NEVER} > node_modules/.cache/a
		ln -f node_modules/.cache/a node_modules/.cache/b
		ln -sf ${victim} node_modules/.cache/a.own`,
	);
	write(join(dir, '../own-packages'), '');
	await prepare('p1');
	expect(readFileSync(join(dir, 'evil.log'), 'utf8')).toContain('ran');
	await unshare('p1');
	expect(readFileSync(victim, 'utf8')).toBe('of doce');
	expect(isUnshared(dir)).toBe(true);
}, 120_000);

test('no link that the site has leads its instructions, its repository or the starter’s files elsewhere', async () => {
	const dir = workspaceOf('p1');
	mkdirSync(dir, { recursive: true });
	const outside = join(dataDir, 'outside');
	for (const name of ['.git', 'AGENTS.md', 'package.json', 'node_modules']) symlinkSync(outside, join(dir, name));
	expect((await prepare('p1')).join()).toMatch(/package\.json of the site cannot be read/);
	expect(existsSync(outside)).toBe(false);
	expect(lstatSync(join(dir, 'node_modules')).isDirectory()).toBe(true);
	expect(lstatSync(join(dir, '.git')).isSymbolicLink()).toBe(true);
});

test('a package.json that is a pipe is one that cannot be read', async () => {
	const dir = workspaceOf('p1');
	mkdirSync(dir, { recursive: true });
	execFileSync('/usr/bin/mkfifo', [join(dir, 'package.json')]);
	expect((await prepare('p1')).join()).toMatch(/package\.json of the site cannot be read/);
});

test('a site that is kept apart shares no package, whether it is new or gets them again', async () => {
	const dir = workspaceOf('p1');
	for (const _ of ['new', 'again']) {
		await prepare('p1');
		await unshare('p1');
		expect(sharedFiles(dir)).toEqual([]);
		expect(statSync(join(dir, PACKAGE)).mode & 0o200).toBe(0o200);
		rmSync(join(dir, 'node_modules'), { recursive: true });
	}
	// Without a fence they are shared again, and the next fence notices.
	await completeWorkspace({ dir, starter });
	expect(sharedFiles(dir)).toEqual([join(dir, PACKAGE)]);
	await unshare('p1');
	expect(sharedFiles(dir)).toEqual([]);
});

test('a site from before the fence gets its own files behind it, wherever its links lead', async () => {
	const dir = workspaceOf('p1');
	await createWorkspace({ dir, starter });
	renameSync(join(dir, 'node_modules'), join(dir, 'elsewhere'));
	symlinkSync('elsewhere', join(dir, 'node_modules'));
	symlinkSync(dataDir, join(dir, 'up'));
	symlinkSync(victim, join(dir, `${PACKAGE}.own`));
	linkSync(victim, join(dataDir, 'victim-too'));
	await unshare('p1');
	expect(sharedFiles(dir)).toEqual([]);
	expect(readFileSync(join(dir, PACKAGE), 'utf8')).toContain('astro');
	expect(statSync(join(starter.modules, 'astro/package.json')).mode & 0o222).toBe(0);
	expect([readFileSync(victim, 'utf8'), statSync(victim).nlink]).toEqual(['of doce', 2]);
	const modules = join(starter.modules, 'astro/package.json');
	expect(statSync(modules).nlink).toBe(1);
});

test('a link in the place of a folder of the project is not shown by a fence', async () => {
	const dir = workspaceOf('p1');
	mkdirSync(dirname(dir), { recursive: true });
	symlinkSync(dataDir, dir);
	await expect(unshare('p1')).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(dir) });
	const other = workspaceOf('p2');
	mkdirSync(other, { recursive: true });
	symlinkSync(dataDir, join(other, '../preview'));
	await expect(npmApart(runtime, 'p2')(['--version'], other)).rejects.toMatchObject({ code: 'conflict' });
});

test('packages are not put where something is already', async () => {
	const at = join(dataDir, 'modules');
	mkdirSync(join(at, 'astro'), { recursive: true });
	for (const put of [copyModules, linkModules]) await expect(put(starter.modules, at)).rejects.toThrow(/EEXIST/);
	rmSync(join(at, 'astro'), { recursive: true });
	symlinkSync(victim, join(at, '.package-lock.json'));
	write(join(starter.modules, '.package-lock.json'), '{}');
	for (const put of [copyModules, linkModules]) await expect(put(starter.modules, at)).rejects.toThrow(/EEXIST/);
	expect(readFileSync(victim, 'utf8')).toBe('of doce');
});
