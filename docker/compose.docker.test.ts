import { execFile, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort, until } from '../test/harness/doce.ts';
import { untilBuilt } from '../test/harness/project.ts';
import { contains, encodings, findInFiles } from '../test/harness/sweep.ts';

const ROOT = join(import.meta.dirname, '..');
const NAME = `doce-test-${process.pid}`;
const PATH = '/usr/local/bin:/usr/bin:/bin';
let env: Record<string, string> = {};
let port = 0;
let token = '';

// A first start on a busy machine takes minutes.
vi.setConfig({ testTimeout: 400_000 });

beforeAll(async () => {
	port = await freePort();
	const admin = { DOCE_ADMIN_USERNAME: 'admin', DOCE_ADMIN_PASSWORD: 'correct horse' };
	env = { PATH, HOME: '/tmp', DOCE_PORT: String(port), ...admin };
});
afterAll(async () => {
	await compose('down', '--volumes', '--timeout', '30');
});

test('`docker compose up` brings all of it up, and a project runs in containers beside it', async () => {
	await compose('up', '--detach', '--no-build');
	await untilHealthy();
	expect(inspect('doce', '{{.HostConfig.ReadonlyRootfs}} {{.Config.User}}')).toBe('true 10000:10000');
	token = (await compose('exec', '-T', 'doce', 'doce', 'token', 'create', '--name', 'test')).trim();
	await call('settings/connectProvider', { providerId: 'doce-demo', authType: 'api' });
	const { projectId } = await call('projects/create', { prompt: 'A page about tea', providerId: 'doce-demo' });
	const project = await untilBuilt({ call } as never, projectId, 300_000);
	expect(project.id).toBe(projectId);
	const [first = '', ...others] = projectContainers();
	expect(others).toHaveLength(1);
	const format = '{{.Config.User}} {{.HostConfig.NetworkMode}} {{.HostConfig.ReadonlyRootfs}} {{.Config.Image}}';
	expect(docker('inspect', '--format', format, first)).toBe('10000:10000 none true doce-project:local');
});

test('a doce that is killed finds its project, running, when it is started again', async () => {
	const before = projectContainers();
	const [project] = (await call('projects/list')).projects;
	docker('kill', containerOf('doce'));
	expect(projectContainers()).toEqual(before);
	await compose('up', '--detach', '--no-build');
	await untilHealthy();
	expect((await call('projects/list')).projects[0].id).toBe(project.id);
	await until(() => projectContainers().length === 2, 60_000);
	expect(projectContainers()).toEqual(before);
});

test('a key that it was given is sealed, and in nothing that Docker keeps and shows', async () => {
	const [apiKey, label] = [`sk-composed-${randomUUID()}`, `Label ${randomUUID()}`];
	await call('settings/connectProvider', { providerId: 'anthropic', authType: 'api', apiKey, label, skipTest: true });
	const containers = [containerOf('doce'), containerOf('docker-guard'), ...projectContainers()];
	const mounts = JSON.parse(inspect('doce', '{{json .Mounts}}')) as { Type: string; Source: string }[];
	const volumes = mounts.filter(({ Type }) => Type === 'volume').map(({ Source }) => Source);
	const layers = containers.map((id) => docker('inspect', '--format', '{{.GraphDriver.Data.UpperDir}}', id));
	const said = containers.map((id) => docker('inspect', id) + logs(id)).join('\n');
	const holding = (secret: string) => [...volumes, ...layers].flatMap((dir) => findInFiles(dir, encodings(secret)));
	expect(holding(apiKey)).toEqual([]);
	expect(contains(said, encodings(apiKey))).toBe(false);
	// The control: what is no secret is found, beside the sealed key.
	expect(holding(label)).toContainEqual(expect.stringMatching(/doce\.sqlite/));
	expect(said).toContain(containers[0]);
	expect(said).toContain('doce is ready');
});

test('one that is stopped in order ends what it runs, and what is refused of it is refused by the guard', async () => {
	const ask = `const { request } = require('node:http');
		request({ socketPath: '/run/docker-guard/docker.sock', method: 'POST', path: '/containers/create?name=x' }, (answer) =>
			console.log(answer.statusCode)).end(JSON.stringify({ Image: 'doce:local', HostConfig: { Privileged: true } }));`;
	expect((await compose('exec', '-T', 'doce', 'node', '--eval', ask)).trim()).toBe('403');
	await compose('stop', '--timeout', '30');
	expect(projectContainers()).toEqual([]);
});

async function call(verb: string, input: unknown = {}) {
	const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${verb}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', connection: 'close', authorization: `Bearer ${token}` },
		body: JSON.stringify(input),
	});
	const body = await answer.json();
	if (answer.status !== 200) throw new Error(`${verb}: ${answer.status} ${JSON.stringify(body)}`);
	return body;
}

async function untilHealthy(): Promise<void> {
	await until(() => inspect('doce', '{{.State.Health.Status}}') === 'healthy', 120_000);
}

/** Containers of the projects of this doce, by what they are shown of its volume. */
function projectContainers(): string[] {
	return docker('ps', '--quiet', '--no-trunc', '--filter', 'label=dev.doce.project')
		.split('\n')
		.filter((id) => id !== '' && docker('inspect', '--format', '{{json .Mounts}}', id).includes(`/${NAME}_data/`))
		.sort();
}

function containerOf(service: string): string {
	const labels = [`com.docker.compose.project=${NAME}`, `com.docker.compose.service=${service}`];
	return docker('ps', '--all', '--quiet', ...labels.flatMap((label) => ['--filter', `label=${label}`]));
}

function inspect(service: string, format: string): string {
	return docker('inspect', '--format', format, containerOf(service));
}

/** Both streams. */
function logs(id: string): string {
	return execFileSync('sh', ['-c', 'exec docker logs "$1" 2>&1', 'sh', id], { encoding: 'utf8', env: { PATH } });
}

function docker(...argv: string[]): string {
	return execFileSync('docker', argv, { encoding: 'utf8', env: { PATH } }).trim();
}

/** Both composes know all that is asked of them here. */
async function compose(...argv: string[]): Promise<string> {
	const plugin = await promisify(execFile)('docker', ['compose', 'version'], { env: { PATH } }).catch(() => undefined);
	const [program, ...first] = plugin === undefined ? ['docker-compose'] : ['docker', 'compose'];
	const all = [...first, '--project-name', NAME, '--file', join(ROOT, 'compose.yaml'), ...argv];
	return (await promisify(execFile)(program as string, all, { cwd: ROOT, env })).stdout;
}
