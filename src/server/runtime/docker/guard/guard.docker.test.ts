import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { type RequestOptions, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { until } from '../../../../../test/harness/doce.ts';
import { containerName, instanceOf } from '../order/names.ts';
import { containerSpec } from '../order/spec.ts';
import { docker, IMAGE } from '../testing/ground.ts';
import { openGuard, pointAt } from '../testing/guard.ts';
import { openHarness } from '../testing/harness.ts';

const MB = 1024 * 1024;
const logger = createLogger('silent');
let dir = '';
let guard: Awaited<ReturnType<typeof openGuard>>;
let foreign = '';
let own = '';

beforeAll(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-guard-'));
	mkdirSync(join(dir, 'site'));
	symlinkSync('/etc', join(dir, 'link'));
	guard = await openGuard(dir, logger);
	foreign = docker('create', '--name', `somebody-${instanceOf(dir)}`, '--network', 'none', IMAGE, 'sleep', '60');
	own = ((await (await send({ method: 'POST', path: create() }, order())).read()) as { Id: string }).Id;
});
afterAll(async () => {
	const ours = docker('ps', '-aq', '--filter', `label=dev.doce.instance=${instanceOf(dir)}`).split('\n');
	docker('rm', '-f', '-v', foreign, ...ours.filter(Boolean));
	await guard.close();
	rmSync(dir, { recursive: true });
});

test('a project lives its life through the guard', async () => {
	const harness = await openHarness(async (folder) => {
		const other = await openGuard(folder, logger);
		const pointBack = pointAt(other.socket);
		return async () => {
			pointBack();
			await other.close();
		};
	});
	const { runtime } = harness;
	try {
		const spec = harness.spec('p1');
		const address = await runtime.start(spec, AbortSignal.timeout(60_000));
		await until(() => harness.countProcesses('p1') === 4, 60_000);
		expect(await runtime.exec('p1', ['node', '-p', '6 * 7'])).toEqual({ exitCode: 0, stdout: '42\n', stderr: '' });
		expect(await runtime.pause('p1')).toBe(true);
		expect((await runtime.load('p1'))?.isPaused).toBe(true);
		expect(await runtime.find('p1')).toEqual(address);
		await runtime.limit('p1', { ...spec.limits, memoryBytes: 300 * MB });
		const next = harness.reopen();
		expect(await next.adopt()).toEqual(['p1']);
		await next.stop('p1');
		expect(await next.logs('p1', 'preview', 5)).toContain('preview of p1 is ready');
	} finally {
		await harness.close();
	}
});

test('a container of ours is made, and is what was ordered', async () => {
	const { HostConfig, Config } = JSON.parse(docker('inspect', own))[0];
	expect(HostConfig).toMatchObject({ NetworkMode: 'none', Privileged: false, CapDrop: ['ALL'], ReadonlyRootfs: true });
	expect(Config.Image).toBe(IMAGE);
});

test.each([
	['privileged', { Privileged: true }],
	['with the network of the machine', { NetworkMode: 'host' }],
	['with the processes of the machine', { PidMode: 'host' }],
	['with the disk of the machine', { Mounts: [mount('/')] }],
	['with Docker’s socket', { Mounts: [mount('/var/run/docker.sock')] }],
	['with a folder that is a link', { Mounts: [() => mount(join(dir, 'link'))] }],
	['with a folder behind a link', { Mounts: [() => mount(join(dir, 'link/ssl'))] }],
	['with a folder that is not there', { Mounts: [() => mount(join(dir, 'none'))] }],
	['with the disk in the old way', { Binds: ['/:/host'] }],
	['with a capability', { CapAdd: ['SYS_ADMIN'] }],
])('no container %s', async (_, change) => {
	const HostConfig = { ...order().HostConfig, ...change };
	HostConfig.Mounts = HostConfig.Mounts.map((one) => (typeof one === 'function' ? one() : one));
	const answer = await send({ method: 'POST', path: create('p2') }, { ...order('p2'), HostConfig });
	expect(answer.status).toBe(403);
	expect(await answer.read()).toEqual({ message: expect.any(String) });
	expect(docker('ps', '-aq', '--filter', `name=${nameOf('p2')}`)).toBe('');
});

test('of two keys that are alike, and of keys in another case, none opens a door', async () => {
	const good = JSON.stringify(order('p3'));
	const bodies = [
		good.replace('"Privileged":false', '"Privileged":true,"Privileged":true'),
		good.replace('"Privileged":false', '"Privileged":false,"privileged":true'),
		good.replace('{', '{"hostConfig":{"Privileged":true},'),
	];
	for (const body of bodies) {
		expect(body).not.toBe(good);
		expect((await send({ method: 'POST', path: create('p3') }, body)).status).toBe(403);
	}
	// What Docker would read otherwise than we did is written anew.
	const twice = good.replace('"Privileged":false', '"Privileged":true,"Privileged":false');
	expect((await send({ method: 'POST', path: create('p3') }, twice)).status).toBe(201);
	expect(JSON.parse(docker('inspect', nameOf('p3')))[0].HostConfig.Privileged).toBe(false);
});

test('what is not ours is not touched, looked at or listed', async () => {
	const name = `somebody-${instanceOf(dir)}`;
	for (const [method, path] of [
		['GET', `/containers/${foreign}/json`],
		['GET', `/containers/${foreign}/logs?stdout=1&tail=5`],
		['POST', `/containers/${foreign}/start`],
		['POST', `/containers/${foreign}/kill?signal=SIGKILL`],
		['POST', `/containers/${foreign}/attach?stream=1&stdout=1`],
		['DELETE', `/containers/${foreign}?force=1`],
		['DELETE', `/containers/${name}?force=1`],
	] as const)
		expect((await send({ method, path })).status, path).toBe(403);
	expect(docker('ps', '-aq', '--no-trunc', '--filter', `id=${foreign}`).trim()).toBe(foreign);
	const filters = encodeURIComponent('{}');
	const listed = await (await send({ method: 'GET', path: `/containers/json?all=1&filters=${filters}` })).read();
	expect((listed as { Id: string }[]).map(({ Id }) => Id)).not.toContain(foreign);
	expect((await send({ method: 'GET', path: '/images/debian/json' })).status).toBe(403);
});

test('commands in containers, images, volumes and networks are no business of doce', async () => {
	for (const path of [
		`/containers/${own}/exec`,
		'/images/create?fromImage=debian',
		'/build',
		'/volumes/create',
		'/networks/create',
		`/commit?container=${own}`,
	])
		expect((await send({ method: 'POST', path }, { Cmd: ['id'] })).status, path).toBe(403);
});

test('no way of writing a path leads past the guard', async () => {
	const paths = [
		`//containers/${foreign}/start`,
		`/v1.41/containers/${own}/../${foreign}/start`,
		`/v1.41/containers/${own}/../../containers/${foreign}/start`,
		`/containers/${own}%2f..%2f${foreign}/start`,
		`/containers/${foreign}/start?x=/containers/${own}/start`,
		`http://docker/containers/${foreign}/start`,
	];
	for (const path of paths) expect((await send({ method: 'POST', path })).status, path).toBe(403);
	expect(JSON.parse(docker('inspect', foreign))[0].State.Status).toBe('created');
});

test('a folder that became a link since is not shown', async () => {
	rmSync(join(dir, 'site'), { recursive: true });
	symlinkSync('/etc', join(dir, 'site'));
	expect((await send({ method: 'POST', path: `/containers/${own}/start` })).status).toBe(403);
	expect(JSON.parse(docker('inspect', own))[0].State.Status).toBe('created');
	rmSync(join(dir, 'site'));
	mkdirSync(join(dir, 'site'));
	expect((await send({ method: 'POST', path: `/containers/${own}/start` })).status).toBe(204);
});

test('a body that is too long is refused with words', async () => {
	const answer = await send({ method: 'POST', path: create() }, `"${'x'.repeat(2 * MB)}"`);
	expect(answer.status).toBe(403);
	expect(((await answer.read()) as { message: string }).message).toMatch(/too long/);
});

test('limits stay limits', async () => {
	const path = `/containers/${own}/update`;
	expect((await send({ method: 'POST', path }, { Memory: 0, MemorySwap: 0 })).status).toBe(403);
	const more = { Memory: 128 * MB, MemorySwap: 128 * MB, CpuPeriod: 100_000, CpuQuota: 50_000 };
	expect((await send({ method: 'POST', path }, more)).status).toBe(200);
});

test('of the machine it tells what doce goes by', async () => {
	const api = new Docker({ socketPath: guard.socket });
	expect(Object.keys(await api.info()).sort()).toEqual(['OSType', 'SecurityOptions']);
	expect(await api.version()).toMatchObject({ ApiVersion: expect.stringMatching(/^1\./) });
});

function mount(Source: string): object {
	return { Type: 'bind', Source, Target: '/data/x', ReadOnly: false };
}

function nameOf(projectId: string): string {
	return containerName({ instance: instanceOf(dir), projectId, role: 'preview' });
}

function create(projectId = 'p1'): string {
	return `/containers/create?name=${nameOf(projectId)}`;
}

function order(projectId = 'p1') {
	const { name: _, ...spec } = containerSpec({
		labels: { instance: instanceOf(dir), projectId, role: 'preview' },
		image: IMAGE,
		user: { uid: 10_001, gid: 10_001 },
		limits: { memoryBytes: 128 * MB, cpus: 1, diskBytes: 0 },
		argv: ['sleep', '60'],
		env: {},
		cwd: '/data/site',
		niceness: 0,
		binds: [{ from: join(dir, 'site'), to: '/data/site', writable: true }],
		sockets: { proxy: join(dir, 'site'), ports: [] },
	});
	const HostConfig = { ...spec.HostConfig, Mounts: (spec.HostConfig?.Mounts ?? []) as (object | (() => object))[] };
	return { ...spec, HostConfig };
}

/** A request as it is written here, not as a client would tidy it. */
function send(options: RequestOptions, body?: unknown) {
	return new Promise<{ status: number; read(): Promise<unknown> }>((resolve, reject) => {
		const call = request({ socketPath: guard.socket, agent: false, ...options }, (answer) => {
			const isJson = answer.headers['content-type'] === 'application/json';
			resolve({ status: answer.statusCode ?? 0, read: () => (isJson ? json(answer) : text(answer)) });
		});
		call.on('error', reject);
		call.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
	});
}
