import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { labelsOf } from '../order/names.ts';
import { createGuard } from './server.ts';
import { connectUpstream } from './upstream.ts';

const [OURS, FOREIGN, DOCE] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
const labels = labelsOf({ instance: 'abc', projectId: 'P1', role: 'preview' });

let dir = '';
let asked: string[] = [];
/** What the stand-in for Docker does with requests about no container's being. */
let act: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end('{}');
let close: () => void = () => undefined;

beforeEach(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-guard-'));
	mkdirSync(join(dir, 'data/site'), { recursive: true });
	asked = [];
	const containers: Record<string, object> = {
		[OURS]: container(OURS, labels, [{ Source: '/vol/site' }]),
		[FOREIGN]: container(FOREIGN, {}),
		[DOCE]: { ...container(DOCE, {}), Mounts: [{ Source: '/vol', Destination: '/data', Driver: 'local' }] },
	};
	const docker = createServer((incoming, response) => {
		const found = containers[/^\/containers\/([^/]+)\/json$/.exec(incoming.url ?? '')?.[1] ?? ''];
		response.setHeader('Content-Type', 'application/json');
		if (found !== undefined) return void response.end(JSON.stringify(found));
		asked.push(`${incoming.method} ${decodeURIComponent(incoming.url ?? '')}`);
		act(incoming, response);
	});
	const guard = createGuard({
		upstream: connectUpstream(join(dir, 'docker')),
		rules: { instance: 'abc', image: 'doce-project:1', user: { uid: 10_000, gid: 10_000 } },
		folder: { source: '/vol', seenAt: join(dir, 'data') },
		logger: createLogger('silent'),
	});
	await Promise.all([
		once(docker.listen(join(dir, 'docker')), 'listening'),
		once(guard.listen(join(dir, 'guard')), 'listening'),
	]);
	close = () => {
		for (const server of [docker, guard]) {
			server.close();
			server.closeAllConnections();
		}
	};
});
afterEach(() => {
	close();
	act = (_, response) => response.end('{}');
	rmSync(dir, { recursive: true });
});

test('which containers are listed and told of is not for the asking', async () => {
	await send('GET', `/containers/json?all=true&filters=${encodeURIComponent('{"label":["mine"]}')}`);
	await send('GET', '/v1.41/events?filters=%7B%7D');
	expect(asked).toEqual([
		'GET /containers/json?all=1&filters={"label":["dev.doce.instance=abc"]}',
		'GET /events?filters={"label":["dev.doce.instance=abc"],"type":["container"]}',
	]);
});

test('a container is dealt with by its labels; what has none of ours is not touched', async () => {
	expect((await send('POST', `/containers/${OURS}/kill?signal=SIGKILL`)).status).toBe(200);
	for (const [method, path] of [
		['POST', `/containers/${FOREIGN}/kill?signal=SIGKILL`],
		['DELETE', `/containers/${FOREIGN}?force=1`],
		['GET', `/containers/${FOREIGN}/json`],
		['POST', `/containers/${DOCE}/stop`],
	] as const)
		expect((await send(method, path)).status).toBe(403);
	expect(asked).toEqual([`POST /containers/${OURS}/kill?signal=SIGKILL`]);
});

test('of its own container doce learns its mounts, and no more', async () => {
	const { status, body } = await send('GET', `/containers/${DOCE}/json`);
	expect([status, JSON.parse(body)]).toEqual([200, { Id: DOCE, Mounts: [{ Source: '/vol', Destination: '/data' }] }]);
});

test('what a command writes comes through as it is written', async () => {
	let write: (part: string) => void = () => undefined;
	act = (_, response) => {
		response.writeHead(200, { 'Content-Type': 'application/vnd.docker.raw-stream' }).flushHeaders();
		write = (part) => response.write(part);
	};
	const answer = await open('POST', `/containers/${OURS}/attach?stream=true&stdout=true`);
	expect(answer.headers['content-type']).toBe('application/vnd.docker.raw-stream');
	write('one');
	expect(String((await once(answer, 'data'))[0])).toBe('one');
	write('two');
	expect(String((await once(answer, 'data'))[0])).toBe('two');
	answer.destroy();
});

test('whoever leaves a stream ends it for Docker too', async () => {
	const left = new Promise<void>((done) => {
		act = (_, response) => {
			response.flushHeaders();
			response.once('close', done);
		};
	});
	(await open('GET', '/events')).destroy();
	await left;
});

test('a container that is shown a link is not started, and one that was shown one meanwhile is removed', async () => {
	const site = join(dir, 'data/site');
	const makeLink = () => {
		rmSync(site, { recursive: true });
		symlinkSync('/etc', site);
	};
	act = (incoming, response) => {
		if (incoming.method === 'POST') makeLink();
		response.writeHead(204).end();
	};
	expect((await send('POST', `/containers/${OURS}/start`)).status).toBe(403);
	expect(asked).toEqual([`POST /containers/${OURS}/start`, `DELETE /containers/${OURS}?force=1&v=1`]);
	expect((await send('POST', `/containers/${OURS}/start`)).status).toBe(403);
	expect(asked).toHaveLength(2);
});

test('what is too long, or is not JSON, is refused with words', async () => {
	const create = '/containers/create?name=doce-abc-P1-preview';
	expect(await send('POST', create, `"${'x'.repeat(2_000_000)}"`)).toEqual({
		status: 403,
		body: '{"message":"The request is too long."}',
	});
	expect((await send('POST', create, '{')).body).toContain('not JSON');
	expect((await send('POST', '/build', 'x'.repeat(2_000_000))).status).toBe(403);
	expect(asked).toEqual([]);
});

test('a Docker that does not answer is unavailable', async () => {
	act = (incoming) => incoming.socket.destroy();
	expect((await send('GET', '/_ping')).status).toBe(503);
});

function container(Id: string, Labels: object, Mounts: object[] = []): object {
	return { Id, Config: { Labels }, HostConfig: { Mounts }, Mounts: [] };
}

async function send(method: string, path: string, body?: string): Promise<{ status: number; body: string }> {
	const answer = await open(method, path, body);
	return { status: answer.statusCode ?? 0, body: await text(answer) };
}

function open(method: string, path: string, body?: string): Promise<IncomingMessage> {
	return new Promise((resolve, reject) => {
		const call = request({ socketPath: join(dir, 'guard'), method, path, agent: false }, resolve);
		call.on('error', reject).end(body);
	});
}
