import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { projectOfTinyServers } from '../../../../test/runtimeProjects.ts';
import { createProcessRuntime } from '../process.ts';
import type { Runtime, RuntimeSpec } from '../runtime.ts';
import { openSeparation } from './fence.ts';

const logger = createLogger('silent');
let dir: string;
let runtime: Runtime;

beforeEach(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-limits-'));
	const separation = await openSeparation({ dir, logger, mode: 'auto' });
	runtime = createProcessRuntime({ dir, logger, separation, graceMs: 300 });
});
afterEach(async () => {
	await runtime.stopAll();
	rmSync(dir, { recursive: true });
});

/** A project whose preview is this program. */
function previewIs(program: string): RuntimeSpec {
	const folder = join(dir, 'files');
	mkdirSync(folder);
	const spec = projectOfTinyServers('p1', folder);
	const processes = spec.processes.map((one) => ({
		...one,
		command: (port: number) =>
			one.name === 'preview' ? { ...one.command(port), argv: [process.execPath, '-e', program] } : one.command(port),
	}));
	return { ...spec, processes };
}
const start = (spec: RuntimeSpec) => runtime.start(spec, new AbortController().signal);
const isPreviewGone = async () => (await runtime.find('p1', 'preview')) === undefined;

describe('limits', () => {
	test('what holds too much memory is ended, and the log says so', async () => {
		await start(previewIs('const held = []; setInterval(() => held.push(Buffer.alloc(64 * 1024 * 1024, 1)), 20)'));
		await until(isPreviewGone);
		expect((await runtime.logs('p1', 'preview', 1))[0]).toMatch(/^doce: process \d+ was ended: .* MB of memory/);
		expect(await runtime.find('p1', 'opencode')).toBeDefined();
	});

	test('what stops the watcher inside its fence is ended from outside', async () => {
		const program = `
			process.kill(process.ppid, 'SIGSTOP');
			for (let count = 0; count < 300; count++) require('node:child_process').spawn('sleep', ['1000'], { detached: true });
		`;
		await start(previewIs(program));
		await until(isPreviewGone);
		expect(await runtime.logs('p1', 'preview', 1)).toEqual(['doce: ended, since there were more than 256 processes.']);
		expect(await runtime.find('p1', 'opencode')).toBeDefined();
	});

	test('so is what a command starts that runs beside it', async () => {
		await start(previewIs('setInterval(() => {}, 1000)'));
		const program = `
			process.kill(process.ppid, 'SIGSTOP');
			for (let count = 0; count < 300; count++) require('node:child_process').spawn('sleep', ['1000'], { detached: true });
		`;
		expect(await runtime.exec('p1', ['node', '--eval', program])).toMatchObject({ exitCode: 137 });
	});

	test('a file stays within its limit, and so do temporary folders', async () => {
		await start(previewIs('setInterval(() => {}, 1000)'));
		const program = `
			const { spawnSync } = require('node:child_process');
			const write = (path, mb) => spawnSync('head', ['-c', mb + 'M', '/dev/zero'], { stdio: ['ignore', require('node:fs').openSync(path, 'w'), 'ignore'] }).status;
			console.log(JSON.stringify([write('/tmp/big', 300), write('/dev/shm/big', 300)]));
		`;
		const written = await runtime.exec('p1', ['node', '--eval', program]);
		expect(JSON.parse(written.stdout)).toEqual([1, 1]);
		const limits = await runtime.exec('p1', ['cat', '/proc/self/limits']);
		expect(limits.stdout).toMatch(/Max file size\s+2147483648\s/);
		expect(limits.stdout).toMatch(/Max core file size\s+0\s/);
	});
});

async function until(condition: () => Promise<boolean>): Promise<void> {
	for (let tries = 0; !(await condition().catch(() => false)); tries++) {
		if (tries > 100) throw new Error('It did not happen in time');
		await sleep(100);
	}
}
