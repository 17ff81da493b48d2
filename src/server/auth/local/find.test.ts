import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../../../test/harness/doce.ts';
import type { Resolve } from '../probes/call.ts';
import { type FakeProvider, replyJson, type SeenRequest, startFakeProvider } from '../testing/fakeProvider.ts';
import { findLocalServers } from './find.ts';
import { findLocalPlaces, gatewayOf } from './places.ts';

const open: FakeProvider[] = [];
afterEach(async () => {
	for (const server of open.splice(0)) await server.close();
});

const MACHINE = { inContainer: false, hosts: ['127.0.0.1'] };
const CONTAINER = { inContainer: true, hosts: ['host.docker.internal', '2130706433'] };

async function serve(answers: Record<string, unknown>): Promise<FakeProvider> {
	const server = await startFakeProvider(({ path }: SeenRequest, response) => {
		if (path in answers) replyJson(response, 200, answers[path]);
		else replyJson(response, 404, { error: 'not found' });
	});
	open.push(server);
	return server;
}

const tag = (name: string, family = 'qwen3') => ({ name, model: name, size: 1, details: { family } });
const list = (...ids: string[]) => ({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) });

async function find(ports: { ollama?: number; lmstudio?: number }, more: object = {}) {
	const closed = await freePort();
	const all = { ollama: ports.ollama ?? closed, lmstudio: ports.lmstudio ?? closed };
	const [ollama, lmstudio] = await findLocalServers({ places: MACHINE, ports: all, timeoutMs: 300, ...more });
	return { ollama, lmstudio, closed };
}

const nameless = ((_name: string, _options: unknown, done: (error: Error) => void) =>
	done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))) as unknown as Resolve;
const leadingTo = (address: string) =>
	((_name: string, _options: unknown, done: (error: null, found: object[]) => void) =>
		done(null, [{ address, family: 4 }])) as unknown as Resolve;

test('both are found at once with their models, and what is not made for conversation is left out', async () => {
	const ollama = await serve({
		'/api/tags': { models: [tag('qwen3-coder:30b'), tag('nomic-embed-text:latest'), tag('all:1', 'bert')] },
	});
	const lmstudio = await serve({ '/v1/models': list('qwen/qwen3-coder', 'text-embedding-nomic-embed-text-v1.5') });
	expect(await find({ ollama: ollama.port, lmstudio: lmstudio.port })).toMatchObject({
		ollama: {
			name: 'Ollama',
			baseUrl: `http://127.0.0.1:${ollama.port}/v1`,
			models: [{ id: 'qwen3-coder:30b', name: 'qwen3-coder:30b' }],
			fault: null,
			cure: null,
		},
		lmstudio: { name: 'LM Studio', models: [{ id: 'qwen/qwen3-coder' }], fault: null },
	});
});

test('an Ollama that knows only the list it shares with others is found by that', async () => {
	const ollama = await serve({ '/v1/models': list('llama3.3:70b') });
	expect((await find({ ollama: ollama.port })).ollama).toMatchObject({ models: [{ id: 'llama3.3:70b' }], fault: null });
});

test('one that is not started is told with its command', async () => {
	const { ollama, lmstudio, closed } = await find({});
	expect(ollama).toMatchObject({
		baseUrl: null,
		fault: `Nothing listens at 127.0.0.1:${closed} (connection refused).`,
		cure: 'Start Ollama, then look again.',
		command: 'ollama serve',
	});
	expect(lmstudio?.cure).toContain('open Developer and choose Start server');
});

test('one without models is told how to get one', async () => {
	const ollama = await serve({ '/api/tags': { models: [] } });
	const lmstudio = await serve({ '/v1/models': { object: 'list', data: null } });
	const found = await find({ ollama: ollama.port, lmstudio: lmstudio.port });
	expect(found.ollama).toMatchObject({
		baseUrl: `http://127.0.0.1:${ollama.port}/v1`,
		fault: expect.stringContaining('has no model for conversation'),
		command: 'ollama pull qwen3-coder',
	});
	expect(found.lmstudio?.command).toBe('lms get qwen3-coder');
});

test('another program at the port, and one that is silent, are told apart', async () => {
	const other = await serve({});
	const mute = await startFakeProvider(() => undefined);
	open.push(mute);
	const found = await find({ ollama: other.port, lmstudio: mute.port });
	expect(found.ollama).toMatchObject({ baseUrl: null, fault: expect.stringContaining('but not like Ollama (404)') });
	expect(found.lmstudio).toMatchObject({
		fault: expect.stringContaining('in time'),
		cure: expect.stringContaining('restart it'),
	});
});

test('from a container the machine around it is found by its name', async () => {
	const ollama = await serve({ '/api/tags': { models: [tag('qwen3:8b')] } });
	const found = await find({ ollama: ollama.port }, { places: CONTAINER, resolve: leadingTo('127.0.0.1') });
	expect(found.ollama).toMatchObject({ baseUrl: `http://host.docker.internal:${ollama.port}/v1`, fault: null });
});

test('from a container a refusal is told as a server that listens for its own machine alone', async () => {
	const known = await find({}, { places: CONTAINER, resolve: leadingTo('127.0.0.1') });
	expect(known.ollama).toMatchObject({
		fault: `Nothing listens at host.docker.internal:${known.closed} (connection refused).`,
		cure: expect.stringContaining('listens on 127.0.0.1 alone, which a container cannot reach'),
		command: 'OLLAMA_HOST=0.0.0.0 ollama serve',
	});
	expect(known.ollama?.cure).not.toContain('--add-host');
	expect(known.lmstudio?.cure).toContain('Serve on local network');
	const unknown = await find({}, { places: CONTAINER, resolve: nameless });
	expect(unknown.ollama?.fault).toContain('connection refused');
	expect(unknown.ollama?.cure).toContain('--add-host=host.docker.internal:host-gateway');
});

test('from a container silence all round is told as a firewall', async () => {
	const mute = await startFakeProvider(() => undefined);
	open.push(mute);
	const places = { inContainer: true, hosts: ['host.docker.internal'] };
	const found = await find({ ollama: mute.port }, { places, resolve: leadingTo('127.0.0.1') });
	expect(found.ollama?.cure).toContain('firewall on the host');
});

test('a name that leads to a cloud’s metadata is not asked', async () => {
	const places = { inContainer: true, hosts: ['host.docker.internal'] };
	const found = await find({}, { places, resolve: leadingTo('169.254.169.254') });
	expect(found.ollama).toMatchObject({ baseUrl: null, fault: expect.stringContaining('never calls') });
});

test('where doce runs is read from the files of the system', () => {
	const root = mkdtempSync(join(tmpdir(), 'doce-places-'));
	expect(findLocalPlaces(root)).toEqual({ inContainer: false, hosts: ['127.0.0.1'] });
	mkdirSync(join(root, 'proc/net'), { recursive: true });
	mkdirSync(join(root, 'proc/1'), { recursive: true });
	writeFileSync(join(root, 'proc/1/cgroup'), '0::/system.slice/docker-abc.scope\n');
	writeFileSync(
		join(root, 'proc/net/route'),
		'Iface\tDestination\tGateway\tFlags\neth0\t000013AC\t00000000\t0001\neth0\t00000000\t010013AC\t0003\n',
	);
	expect(findLocalPlaces(root)).toEqual({
		inContainer: true,
		hosts: ['127.0.0.1', 'host.docker.internal', '172.19.0.1', '172.17.0.1'],
	});
	rmSync(join(root, 'proc'), { recursive: true });
	writeFileSync(join(root, '.dockerenv'), '');
	expect(findLocalPlaces(root).hosts).toEqual(['127.0.0.1', 'host.docker.internal', '172.17.0.1']);
	expect(gatewayOf('nonsense')).toBeUndefined();
	rmSync(root, { recursive: true });
});
