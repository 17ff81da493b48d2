import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { type GatewayFixture, openGateway } from '../gateway/testing/fixture.ts';
import { createLive } from '../live/live.ts';
import { openCodeFiles } from '../opencode/server.ts';
import { projectPaths } from '../projects/paths.ts';
import { getProject } from '../projects/projects.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { recoverProjects, stopHolders } from './recover.ts';
import { inOrder } from './stop.ts';

let fixture: GatewayFixture;
let logged: string[];
let broken: Server;
let stopped: string[];

beforeEach(async () => {
	fixture = await openGateway();
	logged = [];
	stopped = [];
	broken = createServer((request, response) => {
		response.writeHead(request.url === '/global/health' ? 200 : 500, { 'content-type': 'application/json' }).end('{}');
	}).listen(0, '127.0.0.1');
	await once(broken, 'listening');
});

afterEach(async () => {
	broken.close();
	await fixture.close();
});

const logger = { warn: () => undefined, error: (_: unknown, words: string) => logged.push(words) } as never;

function services(runtime: Partial<Runtime> = {}) {
	const { db, dir: dataDir, gateway, keyring } = fixture;
	const quiet: Partial<Runtime> = {
		isolation: { level: 'not', reason: '' },
		adopt: async () => [],
		trouble: () => undefined,
		onRecovery: () => () => undefined,
		stop: async (id) => void stopped.push(id),
		run: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
		...runtime,
	};
	const live = createLive();
	return { db, dataDir, gateway, keyring, live, logger, fresh: new Set(), runtime: quiet } as never;
}

/** A project that was given a key and did not run any more when doce began. */
async function addHolder(): Promise<{ id: string; files: ReturnType<typeof openCodeFiles> }> {
	const id = await fixture.addProject();
	const connection = await fixture.connect('http://127.0.0.1:9/v1');
	const delivery = { connection_id: connection.id, version: 1, state: 'delivered', delivered_at: 1 } as const;
	const { db, dir } = fixture;
	const values = { project_id: id, provider_id: connection.provider_id, ...delivery };
	await db.insertInto('credential_deliveries').values(values).execute();
	const files = openCodeFiles(projectPaths(dir, id).home);
	mkdirSync(dirname(files.credentials), { recursive: true });
	return { id, files };
}

const holders = async () => (await fixture.db.selectFrom('credential_deliveries').selectAll().execute()).length;

const makeLong = (place: string): void => {
	writeFileSync(place, '');
	truncateSync(place, 2 ** 30);
};

test.each<[string, (place: string) => void]>([
	['is cut off', (place) => writeFileSync(place, '{')],
	['has another shape', (place) => writeFileSync(place, '[[1], "x", {"key": 5}, null]')],
	['is a link', (place) => symlinkSync('/etc/passwd', place)],
	['is a pipe', (place) => void execFileSync('/usr/bin/mkfifo', [place])],
	['is a folder', (place) => mkdirSync(`${place}/in/it`, { recursive: true })],
	['is a gigabyte long', makeLong],
])('doce starts, and takes the key away, when a file of a project’s %s', async (_, make) => {
	const { files } = await addHolder();
	make(files.credentials);
	make(files.configFile);
	await recoverProjects(services());
	expect([await holders(), logged]).toEqual([0, []]);
	expect(existsSync(files.credentials)).toBe(false);
});

test('a project that cannot be stopped keeps no other from it, and neither doce from its start nor its end', async () => {
	const [bad, good] = [await addHolder(), await addHolder()];
	const stop: Runtime['stop'] = async (id) => {
		if (id === bad.id) throw new Error('stuck');
	};
	await recoverProjects(services({ stop }));
	expect(logged).toEqual(['Stopping a project that holds a credential failed.']);
	const left = await fixture.db.selectFrom('credential_deliveries').select('project_id').execute();
	expect(left).toEqual([{ project_id: bad.id }]);
	expect((await getProject(fixture.db, good.id)).status).toBe('creating');

	const ended: string[] = [];
	const steps = [
		() => stopHolders(services({ stop })),
		() => Promise.reject(new Error('broken')),
		() => ended.push('gateway'),
	];
	expect(await inOrder(logger, steps)).toBe(false);
	expect(ended).toEqual(['gateway']);
});

test('an OpenCode that was left running and answers nonsense is ended, and the others are taken over', async () => {
	const { id } = await addHolder();
	const { port } = broken.address() as AddressInfo;
	const at = { host: '127.0.0.1', port };
	const runtime: Partial<Runtime> = {
		adopt: async () => [id, 'nobody’s'],
		find: async () => ({ password: 'pw', opencode: at, preview: at }),
	};
	await recoverProjects(services(runtime));
	expect(logged).toEqual(['Taking over a project failed.']);
	expect(stopped).toEqual(expect.arrayContaining([id, 'nobody’s']));
	expect(await holders()).toBe(0);
});

test('it is told whether it got through: not if the engine was away for any of it', async () => {
	const { id } = await addHolder();
	expect(await recoverProjects(services({ trouble: () => 'Docker does not answer.' }))).toBe(false);
	const adopt = async () => {
		throw new AppError('unavailable', 'Docker could not list containers.');
	};
	expect(await recoverProjects(services({ adopt }))).toBe(false);
	let isBack = (): void => undefined;
	const flaps: Partial<Runtime> = {
		onRecovery(listener) {
			isBack = listener;
			return () => undefined;
		},
		adopt: async () => {
			isBack();
			return [];
		},
	};
	expect(await recoverProjects(services(flaps))).toBe(false);
	expect(await recoverProjects(services())).toBe(true);
	expect(stopped).toContain(id);
});
