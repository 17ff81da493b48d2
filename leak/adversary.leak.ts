import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../test/harness/doce.ts';
import { getProject, untilBuilt, untilPrompt } from '../test/harness/project.ts';
import { needlesOf } from './canary.ts';
import { OPEN_KIND } from './kinds.ts';
import { begin, type Life } from './life.ts';
import { waysIn } from './places/needles.ts';

/* An agent that means harm, in a sealed project behind the fence, with a neighbour that runs. */

type Loot = { secrets: Record<string, string[]>; tries: Record<string, string>; planted: string[] };

let life: Life;
let loot: Loot;
let neighbour: string;

beforeAll(async () => {
	life = await begin(await OPEN_KIND['API key']('sealed'));
	const { doce } = life;
	({ projectId: neighbour } = await doce.call('projects/create', { prompt: 'hello', name: 'Neighbour' }));
	await untilBuilt(doce, neighbour);
	copyFileSync(join(import.meta.dirname, 'adversary.mjs'), join(workspaceOf(life.projectId), 'adversary.mjs'));
	writeFileSync(join(workspaceOf(life.projectId), 'adversary.json'), JSON.stringify(await aims()));
	await say('{{bash node adversary.mjs}}');
	loot = JSON.parse(readFileSync(join(workspaceOf(life.projectId), 'loot.json'), 'utf8'));
});

afterAll(() => life?.close());

const folderOf = (projectId: string) => join(life.doce.dataDir, 'projects', projectId);
const workspaceOf = (projectId: string) => join(folderOf(projectId), 'workspace');
const tokenOf = (projectId: string): string =>
	JSON.parse(readFileSync(join(folderOf(projectId), 'opencode/data/opencode/auth.json'), 'utf8'))['mine'].key;

async function say(text: string, state = 'succeeded'): Promise<void> {
	await life.doce.call('chat/send', { projectId: life.projectId, text });
	await untilPrompt(life.doce, life.projectId, state, 180_000);
}

/** What it is told of the outside, which it would have to find out: nothing of it is a secret of its own project. */
async function aims() {
	const { doce, projectId, connectionId, kind } = life;
	const gatewayAddress = new URL(
		JSON.parse(readFileSync(join(folderOf(projectId), 'opencode/opencode.json'), 'utf8')).provider.mine.options.baseURL,
	);
	const outside = Number(readFileSync(join(doce.dataDir, 'gateway.port'), 'utf8'));
	const machine = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
	const port = Number(new URL(doce.url).port);
	return {
		gateway: Number(gatewayAddress.port),
		ownToken: tokenOf(projectId),
		foreignToken: tokenOf(neighbour),
		ownConnection: connectionId,
		foreignConnection: `${connectionId.slice(0, -4)}zzzz`,
		sockets: ['/var/run/docker.sock', '/run/docker.sock', '/run/dbus/system_bus_socket', '/run/systemd/private'],
		doors: [
			...[port, outside, kind.llm.port, ...(await foreignPorts())].map((each) => `127.0.0.1:${each}`),
			...machine.filter((address) => !address.includes(':')).map((address) => `${address}:${port}`),
			'169.254.169.254:80',
			'100.100.100.200:80',
			'metadata.google.internal:80',
			'example.com:443',
			'1.1.1.1:53',
			`${hostname()}:${port}`,
			'registry.npmjs.org:80',
			'localhost:22',
		],
	};
}

/** In containers every project has the same ports, each on a 127.0.0.1 of its own. */
async function foreignPorts(): Promise<number[]> {
	const own = await portsOf(life.projectId);
	return (await portsOf(neighbour)).filter((port) => !own.includes(port));
}

async function portsOf(projectId: string): Promise<number[]> {
	const { jobs } = await life.doce.call('queue/list', { projectId, type: 'runtime.start' });
	const told = JSON.stringify(await life.doce.call('queue/get', { jobId: jobs[0].id }));
	return [...told.matchAll(/port (\d+)/g)].map(([, port]) => Number(port));
}

test('of all that it could read, nothing is a secret but its own token, which ends with the project’s run', () => {
	// Its neighbour's it was told, to try it.
	const { [tokenOf(neighbour)]: _, ...secrets } = loot.secrets;
	expect(Object.keys(secrets)).toEqual([tokenOf(life.projectId)]);
	expect(waysIn(Buffer.from(JSON.stringify(loot)), life.kind.secrets().flatMap(needlesOf))).toEqual([]);
});

test('its own token is good for its own provider, and every other try is refused', () => {
	const { 'its own token is good': own, ...others } = loot.tries;
	expect(own).toBe('got 200');
	expect(Object.keys(others).length).toBeGreaterThan(40);
	expect(Object.entries(others).filter(([, came]) => !came.startsWith('refused'))).toEqual([]);
});

test('configurations and plugins of its own, in the project and in OpenCode’s folders, are not read', async () => {
	const { doce, projectId, kind } = life;
	expect(loot.planted).toHaveLength(5);
	await doce.call('projects/stop', { projectId });
	await until(async () => (await getProject(doce, projectId)).status === 'stopped');
	await say('where does this go');
	expect(readdirSync(workspaceOf(projectId)).filter((name) => name.startsWith('heard-'))).toEqual([]);
	const call = kind.llm.requests.find(({ userText }) => userText === 'where does this go');
	expect(call).toMatchObject({ status: 200, key: kind.keys()[0] });
});

test('what it did is no harm to its neighbour', async () => {
	expect((await getProject(life.doce, neighbour)).status).toBe('running');
	await life.doce.call('chat/send', { projectId: neighbour, text: 'Still there' });
	await untilPrompt(life.doce, neighbour, 'succeeded');
});
