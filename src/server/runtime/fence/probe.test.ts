import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { createProcessRuntime } from '../process.ts';
import { openSeparation } from './fence.ts';
import { probeFence } from './probe.ts';
import { findTools, viewSystem } from './system.ts';

let dir: string;
let data: string;

/** A data folder in a folder that every fence shows, as below `/usr`. */
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'doce-probe-'));
	data = join(dir, 'shown/data');
	mkdirSync(join(data, 'keys'), { recursive: true });
	for (const name of ['data/doce.sqlite', 'other.key', 'public.pem']) writeFileSync(join(dir, 'shown', name), 'text');
	vi.stubEnv('SSL_CERT_DIR', join(dir, 'shown'));
});
afterEach(() => {
	vi.unstubAllEnvs();
	rmSync(dir, { recursive: true });
});

function ground(hidden: string[]) {
	const tools = findTools();
	if (tools === undefined) throw new Error('bubblewrap is missing');
	const root = join(dir, 'root');
	mkdirSync(root);
	return { tools, root, hidden };
}

test('doce’s data and keys are covered where a fence shows the folder that they lie in', async () => {
	const run = join(data, 'run');
	const key = join(dir, 'shown/other.key');
	const logger = createLogger('silent');
	const separation = await openSeparation({ dir: run, logger, mode: 'auto', hidden: [data, key] });
	expect(separation.isolation.level).toBe('isolated');
	const runtime = createProcessRuntime({ dir: run, logger, separation, graceMs: 300 });
	const own = join(data, 'projects/p1');
	mkdirSync(own, { recursive: true });
	writeFileSync(join(own, 'own.txt'), 'own');
	const look = `
		const fs = require('node:fs');
		const can = (act) => { try { return act(); } catch (error) { return error.code; } };
		console.log(JSON.stringify([
			...process.argv.slice(1).map((path) => can(() => fs.readFileSync(path, 'utf8'))),
			can(() => fs.readdirSync(${JSON.stringify(data)})),
			can(() => fs.writeFileSync(${JSON.stringify(join(data, 'new'))}, '')),
		]));
	`;
	const paths = [join(own, 'own.txt'), join(dir, 'shown/public.pem'), join(data, 'doce.sqlite'), key];
	const command = { argv: ['node', '--eval', look, ...paths], env: {}, cwd: own };
	const access = { write: [own], read: [], destinations: [], ports: [] };
	const { stdout } = await runtime.run('p1', command, access);
	expect(JSON.parse(stdout)).toEqual(['own', 'text', 'ENOENT', 'EACCES', ['projects'], 'EROFS']);
});

test('a fence in which something of doce’s is seen all the same is none', async () => {
	const { tools, root, hidden } = ground([data]);
	const { isolation, tools: usable } = await probeFence(tools, { system: viewSystem(root, tools), root, hidden });
	expect(isolation).toEqual({ level: 'not', reason: expect.stringContaining("read doce's own files") });
	expect(usable).toBeUndefined();
});

test('without prlimit files have no limit, and the level says so', async () => {
	const { tools, root } = ground([]);
	const system = viewSystem(root, tools);
	const { isolation } = await probeFence({ ...tools, prlimit: undefined }, { system, root });
	expect(isolation).toEqual({ level: 'partly', reason: expect.stringContaining('prlimit (util-linux) is missing') });
	expect((await probeFence(tools, { system, root })).isolation.level).toBe('isolated');
});
