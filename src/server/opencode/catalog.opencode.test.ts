import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { descendants, until } from '../../../test/harness/doce.ts';
import { type Catalog, createCatalog } from './catalog.ts';
import { plainModel } from './catalogModels.ts';

const DAY = 86_400_000;
const logger = createLogger('silent');
const dataDir = mkdtempSync(join(tmpdir(), 'doce-catalog-test-'));

let time = 1_000_000_000_000;
let served = '{}';
let fetches = 0;
let catalog: Catalog;

/** Plays the public list of models; it answers 503 while it has none. */
const models = createServer((_, response) => {
	fetches += 1;
	response.writeHead(served === '' ? 503 : 200, { 'content-type': 'application/json' }).end(served);
});

beforeAll(async () => {
	models.listen(0, '127.0.0.1');
	await once(models, 'listening');
	catalog = newCatalog();
});

afterAll(async () => {
	await new Promise((resolve) => models.close(resolve));
	rmSync(dataDir, { recursive: true, force: true });
});

test('without a network it has all providers that OpenCode was built with, and their ways to sign in', async () => {
	served = '';
	const [first, second] = await Promise.all([catalog.get(), catalog.get()]);
	expect(second).toBe(first);
	expect(first.providers.length).toBeGreaterThan(50);
	expect(await catalog.find('anthropic')).toMatchObject({ name: 'Anthropic', npm: '@ai-sdk/anthropic' });
	expect((await catalog.find('openai'))?.authMethods.map(({ type }) => type)).toContain('oauth');
	expect((await catalog.find('azure'))?.authMethods[0]?.prompts[0]?.key).toBe('resourceName');
	const sonnet = (await catalog.find('anthropic'))?.models.find(({ id }) => id === 'claude-sonnet-4-5');
	expect(sonnet).toMatchObject({ tool_call: true, attachment: true, limit: { context: expect.any(Number) } });
	expect(first.providers.filter((provider) => provider.models.length === 0)).toEqual([]);
});

test('the next start reads the file, and a broken file is made anew', async () => {
	const before = fetches;
	const again = await newCatalog().get();
	expect(again).toEqual(await catalog.get());
	expect(fetches).toBe(before);
	writeFileSync(cacheFile(), '{"fetchedAt":');
	expect((await newCatalog().get()).providers.length).toBe(again.providers.length);
});

test('after a day it renews itself behind the scenes, and keeps what it has while there is no network', async () => {
	time += DAY + 1;
	const old = await catalog.get();
	served = JSON.stringify({ acme: listing('acme') });
	expect((await catalog.refresh()).providers.map(({ id }) => id)).toEqual(['acme']);
	expect((await catalog.get()).fetchedAt).toBeGreaterThan(old.fetchedAt);
	served = '';
	expect((await catalog.refresh()).providers.map(({ id }) => id)).toEqual(['acme']);
	expect(JSON.parse(readFileSync(cacheFile(), 'utf8')).providers).toHaveLength(1);
});

test('a model survives the way into the catalogue and back', async () => {
	const model = (await catalog.find('acme'))?.models[0];
	expect(model).toEqual({ ...listing('acme').models['acme-1'], family: 'acme' });
});

test('nothing stays behind, also when doce is killed in the middle of it', async () => {
	const folder = join(dataDir, 'killed');
	mkdirSync(folder);
	const module = join(import.meta.dirname, 'catalogRun.ts');
	const program = `import { runForCatalog } from ${JSON.stringify(module)}; await runForCatalog({});`;
	const env = { ...process.env, TMPDIR: folder };
	const owner = spawn(process.execPath, ['--input-type=module', '-e', program], { env, cwd: process.cwd() });
	await until(() => descendants(owner.pid ?? 0).length === 2 && readdirSync(folder).length === 1);
	const below = descendants(owner.pid ?? 0);
	owner.kill('SIGKILL');
	await until(() => below.every((pid) => !isAlive(pid)));
	expect(below).toHaveLength(2);
});

function newCatalog(): Catalog {
	const { port } = models.address() as AddressInfo;
	return createCatalog({ dataDir, logger, now: () => time, modelsUrl: `http://127.0.0.1:${port}` });
}

function cacheFile(): string {
	const [name = ''] = readdirSync(join(dataDir, 'cache'));
	return join(dataDir, 'cache', name);
}

function listing(id: string) {
	const model = { ...plainModel(`${id}-1`), release_date: '2026-01-01', family: id, attachment: true };
	const priced = { ...model, cost: { input: 1, output: 2, cache_read: 0.1, cache_write: 0 } };
	return {
		id,
		name: id,
		npm: '@ai-sdk/openai-compatible',
		api: 'http://x/v1',
		env: [],
		models: { [`${id}-1`]: priced },
	};
}

function isAlive(pid: number): boolean {
	const states = execFileSync('ps', ['-eo', 'pid=,stat='], { encoding: 'utf8' }).split('\n');
	const row = states.map((line) => line.trim().split(/\s+/)).find(([found]) => found === String(pid));
	return row !== undefined && !row[1]?.startsWith('Z');
}
