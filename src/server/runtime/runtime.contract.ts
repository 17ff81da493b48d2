import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProcessName, Runtime, RuntimeAddress, RuntimeSpec } from './runtime.ts';

/**
 * One engine on its own ground. Its processes are tiny servers that say who they are, each with a child that ignores
 * SIGTERM; `GET /die` ends a server with code 7.
 */
export type RuntimeHarness = {
	runtime: Runtime;
	spec(projectId: string): RuntimeSpec;
	/** Live processes of a project, counted from outside. */
	countProcesses(projectId: string): number;
	/** A second doce on the same ground, as after a restart. */
	reopen(): Runtime;
	close(): Promise<void>;
};

type Answer = { project: string; name: ProcessName; instance: string };

/** What every runtime owes its callers. */
export function describeRuntime(engine: string, open: () => Promise<RuntimeHarness>): void {
	describe(`the ${engine} runtime`, () => {
		let harness: RuntimeHarness;
		let runtime: Runtime;
		const start = (id: string) => runtime.start(harness.spec(id), AbortSignal.timeout(20_000));

		beforeEach(async () => {
			harness = await open();
			runtime = harness.runtime;
		});
		afterEach(() => harness.close());

		test('starts both processes, each on its own address', async () => {
			const address = await start('p1');
			expect(await ask(address, 'opencode')).toMatchObject({ project: 'p1', name: 'opencode' });
			expect(await ask(address, 'preview')).toMatchObject({ project: 'p1', name: 'preview' });
			expect(await runtime.find('p1')).toEqual(address);
			expect(await runtime.list()).toEqual(['p1']);
			expect((await runtime.status('p1')).processes.map(({ name, state }) => [name, state])).toEqual([
				['opencode', 'running'],
				['preview', 'running'],
			]);
		});

		test('keeps what runs and its password, and starts only what is missing', async () => {
			const first = await start('p1');
			const before = await askBoth(first);
			expect(await start('p1')).toEqual(first);
			await die(first, 'preview');
			const previewOf = async () => (await runtime.status('p1')).processes.find(({ name }) => name === 'preview');
			await until(async () => (await previewOf())?.exitCode !== undefined);
			expect(await previewOf()).toMatchObject({ state: 'exited', exitCode: 7 });
			expect(await runtime.find('p1')).toBeUndefined();
			const again = await runtime.start({ ...harness.spec('p1'), password: 'other' }, AbortSignal.timeout(20_000));
			expect(again.password).toBe(first.password);
			const after = await askBoth(again);
			expect(after.opencode.instance).toBe(before.opencode.instance);
			expect(after.preview.instance).not.toBe(before.preview.instance);
		});

		test('starts one set of processes when asked twice at once', async () => {
			const [one, two] = await Promise.all([start('p1'), start('p1')]);
			expect(one).toEqual(two);
			await askBoth(one);
			expect(harness.countProcesses('p1')).toBe(4);
		});

		test('keeps ten projects that start at once apart', async () => {
			const ids = Array.from({ length: 10 }, (_, at) => `p${at}`);
			const addresses = await Promise.all(ids.map(start));
			const answers = await Promise.all(addresses.map(askBoth));
			expect(answers.map(({ opencode, preview }) => [opencode.project, preview.project])).toEqual(
				ids.map((id) => [id, id]),
			);
			const places = addresses.flatMap(({ opencode, preview }) => [opencode, preview]);
			expect(new Set(places.map(({ host, port, socket }) => socket ?? `${host}:${port}`)).size).toBe(20);
			await runtime.stopAll();
			expect(await runtime.list()).toEqual([]);
		});

		test('knows nothing of a project that never ran, was stopped or destroyed', async () => {
			expect(await runtime.find('p1')).toBeUndefined();
			expect(await runtime.status('p1')).toEqual({ processes: [] });
			await runtime.stop('p1');
			const address = await start('p1');
			await askBoth(address);
			await runtime.stop('p1');
			expect(await runtime.find('p1')).toBeUndefined();
			expect(await runtime.status('p1')).toEqual({ processes: [] });
			await expect(ask(address, 'preview', 0)).rejects.toThrow();
			expect(await runtime.logs('p1', 'preview', 5)).toContain('preview of p1 is ready');
			await runtime.destroy('p1');
			expect(await runtime.logs('p1', 'preview', 5)).toEqual([]);
		});

		test('ends the processes that a process started, even when it will not listen', async () => {
			const [one] = await Promise.all([start('p1'), start('p2')]);
			await askBoth(one);
			expect(harness.countProcesses('p1')).toBe(4);
			await runtime.stop('p1');
			expect(harness.countProcesses('p1')).toBe(0);
			expect(await runtime.find('p2')).toBeDefined();
		});

		test('gives the last lines of a log without colours', async () => {
			await askBoth(await start('p1'));
			expect(await runtime.logs('p1', 'opencode', 1)).toEqual(['opencode of p1 is ready']);
			expect(await runtime.logs('p1', 'opencode', 0)).toEqual([]);
		});

		test('runs a command beside the preview, as a list of arguments', async () => {
			await start('p1');
			const program = 'console.log(process.argv[1]); console.error("oops"); process.exit(3)';
			const result = await runtime.exec('p1', ['node', '-e', program, '$(id); "quoted"']);
			expect(result).toEqual({ exitCode: 3, stdout: '$(id); "quoted"\n', stderr: 'oops\n' });
			const slow = runtime.exec('p1', ['node', '-e', 'setInterval(() => {}, 1000)'], AbortSignal.timeout(200));
			await expect(slow).rejects.toThrow(/timeout/i);
			await expect(runtime.exec('p1', ['no-such-program'])).rejects.toMatchObject({ code: 'invalid' });
			await runtime.stop('p1');
			await expect(runtime.exec('p1', ['node', '-v'])).rejects.toMatchObject({ code: 'conflict' });
		});

		test('tells of a process that ended by itself, and not of one that was stopped', async () => {
			const told: string[] = [];
			const forget = runtime.onExit((id, name) => told.push(`${id} ${name}`));
			const [one] = await Promise.all([start('p1'), start('p2')]);
			await die(one, 'opencode');
			await until(async () => told.length > 0);
			await runtime.stop('p2');
			forget();
			await die(one, 'preview');
			await until(async () => !(await runtime.list()).includes('p1'));
			expect(told).toEqual(['p1 opencode']);
		});

		test('says what a project uses, and nothing of one that does not run', async () => {
			expect(await runtime.load('p1')).toBeUndefined();
			await askBoth(await start('p1'));
			const load = await runtime.load('p1');
			expect(load).toMatchObject({ isPaused: false, processes: [{ name: 'opencode' }, { name: 'preview' }] });
			for (const { memoryBytes, cpus } of load?.processes ?? []) {
				expect(memoryBytes).toBeGreaterThan(4 * 1024 * 1024);
				expect(cpus).toBeGreaterThanOrEqual(0);
			}
			await runtime.stop('p1');
			expect(await runtime.load('p1')).toBeUndefined();
		});

		test('goes on where it was when a paused project is asked for, or does not pause at all', async () => {
			expect(await runtime.pause('p1')).toBe(false);
			const address = await start('p1');
			const before = await askBoth(address);
			expect(await runtime.pause('p1')).toBe(runtime.canPause);
			expect((await runtime.load('p1'))?.isPaused).toBe(runtime.canPause);
			expect(await runtime.find('p1')).toEqual(address);
			expect(await askBoth(address)).toEqual(before);
			expect((await runtime.load('p1'))?.isPaused).toBe(false);
			await runtime.pause('p1');
			await runtime.stop('p1');
			expect(await runtime.list()).toEqual([]);
		});

		test('adopts a project that is paused, or that could not be', async () => {
			const address = await start('p1');
			const before = await askBoth(address);
			await runtime.pause('p1');
			const next = harness.reopen();
			expect(await next.adopt()).toEqual(['p1']);
			expect((await next.load('p1'))?.isPaused).toBe(runtime.canPause);
			expect(await next.find('p1')).toEqual(address);
			expect(await askBoth(address)).toEqual(before);
			await next.stopAll();
		});

		test('refuses to start anything once aborted', async () => {
			const why = new Error('cancelled');
			await expect(runtime.start(harness.spec('p1'), AbortSignal.abort(why))).rejects.toBe(why);
			expect(await runtime.list()).toEqual([]);
		});

		test('adopts what runs completely after a restart of doce, and ends the rest', async () => {
			const [whole, half] = await Promise.all([start('p1'), start('p2'), start('p3')]);
			await runtime.stop('p3');
			await die(half, 'opencode');
			await until(async () => (await runtime.find('p2')) === undefined);
			const next = harness.reopen();
			expect(await next.adopt()).toEqual(['p1']);
			expect(await next.find('p1')).toEqual(whole);
			expect(await next.list()).toEqual(['p1']);
			expect(harness.countProcesses('p2')).toBe(0);
			const told: string[] = [];
			next.onExit((id, name) => told.push(`${id} ${name}`));
			await die(whole, 'preview');
			await until(async () => told.length > 0);
			expect(told).toEqual(['p1 preview']);
			await next.stopAll();
			await expect(ask(whole, 'opencode', 0)).rejects.toThrow();
		});
	});
}

/** Asks a process who it is, again until it answers: starting is not being ready. */
async function ask(address: RuntimeAddress, name: ProcessName, tries = 200): Promise<Answer> {
	try {
		return JSON.parse(await getFrom(address, name, '/')) as Answer;
	} catch (error) {
		if (tries <= 0) throw error;
		await sleep(50);
		return ask(address, name, tries - 1);
	}
}

async function askBoth(address: RuntimeAddress): Promise<Record<ProcessName, Answer>> {
	const [opencode, preview] = await Promise.all([ask(address, 'opencode'), ask(address, 'preview')]);
	return { opencode, preview };
}

async function die(address: RuntimeAddress, name: ProcessName): Promise<void> {
	await ask(address, name);
	await getFrom(address, name, '/die');
}

/** What a process answers, at its port or its socket. */
export function getFrom(address: RuntimeAddress, name: ProcessName, path: string): Promise<string> {
	const { host, port, socket } = address[name];
	const where = socket === undefined ? { host, port } : { socketPath: socket };
	return new Promise((resolve, reject) => {
		const call = request({ ...where, path, agent: false, timeout: 2_000 }, (answer) =>
			text(answer).then(resolve, reject),
		);
		call.on('timeout', () => call.destroy(new Error('no answer')));
		call.on('error', reject).end();
	});
}

async function until(condition: () => Promise<boolean>): Promise<void> {
	for (let tries = 0; !(await condition()); tries++) {
		if (tries > 200) throw new Error('It did not happen within five seconds');
		await sleep(25);
	}
}
