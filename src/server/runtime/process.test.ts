import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	appendFileSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { projectOfTinyServers } from '../../../test/runtimeProjects.ts';
import { listMarked } from './process/table.ts';
import { createProcessRuntime } from './process.ts';
import { describeRuntime } from './runtime.contract.ts';
import type { Runtime, RuntimeAddress, RuntimeSpec } from './runtime.ts';

const logger = createLogger('silent');
const open = (dir: string) => createProcessRuntime({ dir, logger, graceMs: 300 });

describeRuntime('process', async () => {
	const dir = mkdtempSync(join(tmpdir(), 'doce-run-'));
	const runtimes = [open(dir)];
	return {
		runtime: runtimes[0] as Runtime,
		spec: (projectId) => withNode(projectOfTinyServers(projectId, dir)),
		countProcesses: (projectId) => listMarked(dir).filter((one) => one.projectId === projectId).length,
		reopen: () => {
			const next = open(dir);
			runtimes.push(next);
			return next;
		},
		close: async () => {
			for (const runtime of runtimes) await runtime.stopAll();
			expect(listMarked(dir)).toEqual([]);
			rmSync(dir, { recursive: true });
		},
	};
});

describe('the process runtime on this machine', () => {
	let dir: string;
	let runtime: Runtime;
	const start = (spec: RuntimeSpec) => runtime.start(spec, new AbortController().signal);

	beforeEach(() => {
		dir = mkdtempSync(join(tmpdir(), 'doce-run-'));
		runtime = open(dir);
	});
	afterEach(async () => {
		await open(dir).stopAll();
		await runtime.stopAll();
		expect(listMarked(dir)).toEqual([]);
		rmSync(dir, { recursive: true });
	});

	test('adopts everything after kill -9 of doce, and can stop it', async () => {
		await startAndKillOwner(dir, ['p1', 'p2']);
		const next = open(dir);
		expect((await next.adopt()).sort()).toEqual(['p1', 'p2']);
		const address = (await next.find('p1')) as RuntimeAddress;
		expect(address.password).toBe('password of p1');
		expect(await answerOf(address)).toContain('p1');
		await next.stopAll();
		expect(listMarked(dir)).toEqual([]);
	});

	test('ends processes whose record never was or no longer is written, and no others', async () => {
		await startAndKillOwner(dir, ['p1', 'p2']);
		rmSync(join(dir, 'p1.json'));
		writeFileSync(join(dir, 'p2.json'), '{"half a rec');
		const elsewhere = mkdtempSync(join(tmpdir(), 'doce-run-'));
		const other = open(elsewhere);
		await other.start(projectOfTinyServers('p1', elsewhere), new AbortController().signal);
		expect(await open(dir).adopt()).toEqual([]);
		expect(listMarked(dir)).toEqual([]);
		expect(readdirSync(dir).filter((name) => name.endsWith('.json'))).toEqual([]);
		expect(await other.list()).toEqual(['p1']);
		await other.destroy('p1');
		rmSync(elsewhere, { recursive: true });
	});

	test('never signals a process that merely has a recorded pid', async () => {
		await start(projectOfTinyServers('p1', dir));
		const record = JSON.parse(readFileSync(join(dir, 'p1.json'), 'utf8'));
		await runtime.stop('p1');
		const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true });
		for (const one of record.processes) one.identity.pid = bystander.pid;
		writeFileSync(join(dir, 'p1.json'), JSON.stringify(record));
		const next = open(dir);
		expect(await next.adopt()).toEqual([]);
		await next.stop('p1');
		expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
		bystander.kill('SIGKILL');
	});

	test('keeps records and logs to its own user', async () => {
		await start(projectOfTinyServers('p1', dir));
		const modes = readdirSync(dir).map((name) => statSync(join(dir, name)).mode & 0o777);
		expect(modes).toEqual([0o600, 0o600, 0o600]);
	});

	test.each(['no', 'yes'])('gives a process another port when its port is taken (silent: %s)', async (silent) => {
		const thief = createServer();
		const spec = withCommand(projectOfTinyServers('p1', dir), { SILENT: silent }, (port) => {
			// Between the check of the port and the child's own listen.
			if (!thief.listening && port > 0) thief.listen(port, '127.0.0.1');
		});
		const first = await start(spec);
		let moved: RuntimeAddress | undefined;
		await until(async () => {
			const found = await runtime.find('p1');
			moved = found?.preview.port === first.preview.port ? undefined : found;
			return moved !== undefined;
		});
		expect(await answerOf(moved as unknown as RuntimeAddress)).toContain('preview');
		thief.close();
	});

	test('says what is missing when a program cannot be started', async () => {
		const spec = projectOfTinyServers('p1', dir);
		const broken = spec.processes.map((one) => ({
			...one,
			command: (port: number) => ({ ...one.command(port), argv: ['/no/such/program'] }),
		}));
		await expect(start({ ...spec, processes: broken })).rejects.toMatchObject({
			code: 'unavailable',
			message: expect.stringContaining('/no/such/program'),
		});
		expect(await runtime.list()).toEqual([]);
	});

	test('keeps a noisy log within its limit, with its last lines', async () => {
		const noise =
			"for (let n = 0; n < 40000; n++) console.log('line ' + n + '-'.repeat(60)); setInterval(() => {}, 1000)";
		const spec = projectOfTinyServers('p1', dir);
		const processes = spec.processes.map((one) => ({
			...one,
			command: (port: number) => ({ ...one.command(port), argv: [process.execPath, '-e', noise] }),
		}));
		await start({ ...spec, processes });
		const log = join(dir, 'p1.preview.log');
		await until(async () => statSync(`${log}.old`, { throwIfNoEntry: false }) !== undefined);
		expect(statSync(log).size + statSync(`${log}.old`).size).toBeLessThan(2.5 * 1024 * 1024);
		expect((await runtime.logs('p1', 'preview', 1))[0]).toMatch(/^line 39999-/);
	});

	test('goes on when the log of one project cannot be kept within its limit', async () => {
		await start(projectOfTinyServers('p1', dir));
		await start(projectOfTinyServers('p2', dir));
		mkdirSync(join(dir, 'p1.preview.log.old'));
		for (const id of ['p1', 'p2']) appendFileSync(join(dir, `${id}.preview.log`), 'x'.repeat(1_100_000));
		await until(async () => statSync(join(dir, 'p2.preview.log.old'), { throwIfNoEntry: false }) !== undefined);
		rmSync(join(dir, 'p1.preview.log.old'), { recursive: true });
		await until(async () => statSync(join(dir, 'p1.preview.log')).size < 1_000_000);
	});
});

/** Lets commands find this very Node. */
function withNode(spec: RuntimeSpec): RuntimeSpec {
	const path = `${join(process.execPath, '..')}:/usr/bin:/bin`;
	const processes = spec.processes.map((one) => ({
		...one,
		command: (port: number) => ({ ...one.command(port), env: { PATH: path } }),
	}));
	return { ...spec, processes };
}

function withCommand(spec: RuntimeSpec, env: Record<string, string>, before: (port: number) => void): RuntimeSpec {
	const processes = spec.processes.map((one) => {
		const command = (port: number) => {
			if (one.name === 'preview') before(port);
			return { ...one.command(port), env };
		};
		return { ...one, command };
	});
	return { ...spec, processes };
}

async function startAndKillOwner(dir: string, projectIds: string[]): Promise<void> {
	const program = join(import.meta.dirname, '../../../test/runtimeOwner.ts');
	const owner = spawn(process.execPath, [program, dir, ...projectIds], { stdio: ['ignore', 'pipe', 'inherit'] });
	await once(owner.stdout, 'data');
	owner.kill('SIGKILL');
	await once(owner, 'exit');
}

async function answerOf({ preview }: RuntimeAddress): Promise<string> {
	for (let tries = 0; ; tries++) {
		try {
			return await (await fetch(`http://${preview.host}:${preview.port}/`)).text();
		} catch (error) {
			if (tries > 100) throw error;
			await sleep(50);
		}
	}
}

async function until(condition: () => Promise<boolean>): Promise<void> {
	for (let tries = 0; !(await condition()); tries++) {
		if (tries > 400) throw new Error('It did not happen within ten seconds');
		await sleep(25);
	}
}
