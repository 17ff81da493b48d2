import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConnectionRow } from '#server/auth/connections.ts';
import { type FakeProvider, replyJson, startFakeProvider } from '#server/auth/testing/fakeProvider.ts';
import { isRunning } from '../../../test/harness/doce.ts';
import { encodings, findInProcesses } from '../../../test/harness/sweep.ts';
import { openFixture } from '../auth/testing/fixture.ts';
import { createLogger } from '../logger.ts';
import { catalogFile } from '../opencode/catalog.ts';
import { Secret } from '../secret.ts';
import { startGateway } from './gateway.ts';
import { ask, type GatewayFixture, openGateway, REAL_KEY } from './testing/fixture.ts';

let fixture: GatewayFixture;
let upstream: FakeProvider;
let connection: ConnectionRow;
let token: string;
let projectId: string;

beforeAll(async () => {
	upstream = await startFakeProvider((_, response) => replyJson(response, 200, {}));
	fixture = await openGateway();
	connection = await fixture.connect(upstream.baseURL);
	projectId = await fixture.addProject();
	token = await fixture.token(projectId, connection);
});

afterAll(async () => {
	await fixture?.close();
	await upstream?.close();
});

const call = (socketPath?: string) =>
	ask(fixture.gateway, {
		target: `/${connection.id}/chat/completions`,
		headers: { authorization: `Bearer ${token}` },
		body: '{}',
		...(socketPath !== undefined && { socketPath }),
	});

test('it is a process of its own, under its own name, with nothing secret in its environment or arguments', async () => {
	const pid = fixture.gateway.pid() ?? 0;
	expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toMatch(/^doce gateway/);
	expect((await call()).status).toBe(200);
	const masterKey = readFileSync(fixture.keyFile, 'utf8').trim();
	const needles = [...encodings(REAL_KEY), ...encodings(masterKey), token];
	expect(findInProcesses([pid], needles)).toEqual([]);
});

test('killed, it is back at the same port and the same sockets', async () => {
	const socketPath = await fixture.gateway.listenForProject(projectId);
	// Containers go through the inner folder, and nobody comes to it but through the outer one.
	expect(statSync(dirname(socketPath)).mode & 0o777).toBe(0o711);
	expect(statSync(dirname(dirname(socketPath))).mode & 0o077).toBe(0);
	const [pid, port] = [fixture.gateway.pid() ?? 0, fixture.gateway.port()];
	process.kill(pid, 'SIGKILL');
	await expect.poll(() => fixture.gateway.pid() ?? pid, { timeout: 10_000 }).not.toBe(pid);
	expect(fixture.gateway.port()).toBe(port);
	expect((await call(socketPath)).status).toBe(200);
	expect((await call()).status).toBe(401);
	await fixture.gateway.stopListeningFor(projectId);
	expect((await call()).status).toBe(200);
});

test('what it is told while it starts again is not lost', async () => {
	const pid = fixture.gateway.pid() ?? 0;
	process.kill(pid, 'SIGKILL');
	await expect.poll(() => fixture.gateway.pid()).toBeUndefined();
	const socketPath = await fixture.gateway.listenForProject(projectId);
	expect((await call(socketPath)).status).toBe(200);
	await fixture.gateway.cut({ projectId });
	await fixture.gateway.stopListeningFor(projectId);
});

test('after a restart of doce it has the port that it had, and a master key that came as text reaches it too', async () => {
	const own = await openFixture();
	const key = new Secret(`doce-mk1:${Buffer.alloc(32, 7).toString('base64url')}`);
	await own.openKeys({ key });
	const options = {
		dataDir: own.dir,
		catalog: catalogFile(own.dir),
		masterKeyFile: own.keyFile,
		masterKey: key,
		logLevel: 'warn',
		demoUrl: 'http://127.0.0.1:9',
		logger: createLogger('silent'),
	};
	const first = await startGateway(options);
	const [pid, port] = [first.pid() ?? 0, first.port()];
	expect(findInProcesses([pid], encodings(key.reveal()))).toEqual([]);
	await first.stop();
	expect(isRunning(pid)).toBe(false);
	const second = await startGateway(options);
	expect(second.port()).toBe(port);
	await second.stop();
	await own.close();
});

test('where another program has taken the port meanwhile, it finds another', async () => {
	const own = await openFixture();
	await own.openKeys();
	const options = {
		dataDir: own.dir,
		catalog: catalogFile(own.dir),
		masterKeyFile: own.keyFile,
		logLevel: 'warn',
		demoUrl: 'http://127.0.0.1:9',
		logger: createLogger('silent'),
	};
	const first = await startGateway(options);
	const port = first.port();
	await first.stop();
	const squatter = await startFakeProvider((_, response) => replyJson(response, 200, {}), port);
	const second = await startGateway(options);
	expect(second.port()).not.toBe(port);
	await second.stop();
	await squatter.close();
	await own.close();
});
