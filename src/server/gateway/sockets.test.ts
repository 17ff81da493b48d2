import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSockets } from './sockets.ts';
import { bearer, openStage, type Stage } from './testing/stage.ts';

describe('of a project', () => {
	let stage: Stage;
	let fenced: string;
	let token: string;

	const call = (more: object = {}) => stage.call({ headers: bearer(token), ...more });

	beforeAll(async () => {
		stage = await openStage();
	});

	afterAll(() => stage?.close());

	beforeEach(async () => {
		stage.reset();
		fenced = await stage.fixture.addProject();
		token = await stage.fixture.token(fenced, stage.connection);
	});

	async function killGateway(): Promise<void> {
		const { gateway } = stage.fixture;
		const pid = gateway.pid() ?? 0;
		process.kill(pid, 'SIGKILL');
		await expect.poll(() => gateway.pid() ?? pid, { timeout: 10_000 }).not.toBe(pid);
	}

	test('asked for once more, it is the same, and what runs over it goes on', async () => {
		const { gateway } = stage.fixture;
		const socketPath = await gateway.listenForProject(fenced);
		let finish: (() => void) | undefined;
		stage.answer((_, response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write('data: {}\n\n');
			finish = () => response.end('data: [DONE]\n\n');
		});
		const running = call({ socketPath });
		await expect.poll(() => finish).toBeDefined();
		expect(await gateway.listenForProject(fenced)).toBe(socketPath);
		finish?.();
		expect(await running).toEqual(expect.objectContaining({ status: 200, body: 'data: {}\n\ndata: [DONE]\n\n' }));
		expect(await running).not.toHaveProperty('error');
	});

	test('is opened anew where its folder was taken away, at the next start of the gateway or when it is asked for', async () => {
		const socketPath = await stage.fixture.gateway.listenForProject(fenced);
		rmSync(dirname(socketPath), { recursive: true });
		await killGateway();
		expect((await call({ socketPath })).status).toBe(200);
		rmSync(dirname(socketPath), { recursive: true });
		expect(await stage.fixture.gateway.listenForProject(fenced)).toBe(socketPath);
		expect((await call({ socketPath })).status).toBe(200);
	});

	test('where it cannot be opened, the others are served, and its tokens are good nowhere else', async () => {
		const { gateway } = stage.fixture;
		const socketPath = await gateway.listenForProject(fenced);
		rmSync(dirname(socketPath), { recursive: true });
		writeFileSync(dirname(socketPath), '');
		await killGateway();
		expect((await stage.call()).status).toBe(200);
		expect((await call()).status).toBe(401);
		await expect(gateway.listenForProject(fenced)).rejects.toThrow(dirname(socketPath));
		rmSync(dirname(socketPath));
		await gateway.listenForProject(fenced);
		expect((await call({ socketPath })).status).toBe(200);
	});

	test('takes as many connections as a project needs, and leaves the others theirs', async () => {
		const path = await stage.fixture.gateway.listenForProject(fenced);
		let closed = 0;
		const connections = Array.from({ length: 260 }, () =>
			connect({ path })
				.on('error', () => undefined)
				.on('close', () => closed++),
		);
		await expect.poll(() => closed).toBe(4);
		expect((await stage.call()).status).toBe(200);
		for (const connection of connections) connection.destroy();
		await expect.poll(async () => (await call({ socketPath: path })).status).toBe(200);
	});

	test('what keeps the gateway from listening is told to whoever wanted it, and ends nothing else', async () => {
		const { gateway } = stage.fixture;
		const pid = gateway.pid();
		const socketPath = await gateway.listenForProject(fenced);
		await gateway.stopListeningFor(fenced);
		mkdirSync(socketPath, { recursive: true, mode: 0o700 });
		await expect(gateway.listenForProject(fenced)).rejects.toThrow(/The gateway could not do its part.*directory/);
		expect(gateway.pid()).toBe(pid);
		expect((await stage.call()).status).toBe(200);
	});
});

describe('are found again', () => {
	let dir: string;

	beforeEach(() => {
		dir = mkdtempSync(join(tmpdir(), 'doce-sockets-'));
		for (const name of ['data', 'one', 'other']) mkdirSync(join(dir, name));
	});

	afterEach(() => rmSync(dir, { recursive: true }));

	const socketsIn = (name: string) => createSockets({ dataDir: join(dir, 'data'), runtimeDir: join(dir, name) });

	test('after a restart of doce, also where the system has another place for them by then', async () => {
		const before = await socketsIn('one').add('p1');
		expect(before).toMatch(join(dir, 'one/doce-'));
		expect(await socketsIn('other').add('p1')).toBe(before);
	});

	test('at another place, where the one that they had is gone for good or open to others', async () => {
		await socketsIn('one').add('p1');
		rmSync(join(dir, 'one'), { recursive: true });
		writeFileSync(join(dir, 'one'), '');
		const next = await socketsIn('other').add('p1');
		expect(next).toMatch(join(dir, 'other/doce-'));
		expect(await socketsIn('one').add('p1')).toBe(next);
	});

	test('a place that makes their paths too long is none', async () => {
		const long = 'x'.repeat(100);
		mkdirSync(join(dir, long));
		expect(await socketsIn(long).add('p1')).not.toContain(long);
	});
});
