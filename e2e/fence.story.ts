import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type FakeRegistry, startFakeRegistry } from '../test/fakes/registry.ts';
import { openBrowser } from '../test/harness/browser.ts';
import { type Doce, startDoce, until } from '../test/harness/doce.ts';
import { accessibilityFaults, overflow, signIn, visit } from '../test/harness/pages.ts';
import { connect, getProject, KEY, untilBuilt, untilPrompt } from '../test/harness/project.ts';

let doce: Doce;
let llm: FakeLlm;
let registry: FakeRegistry;
let browser: Browser;
let projectId: string;

beforeAll(async () => {
	[llm, registry, browser] = await Promise.all([
		startFakeLlm({ keys: [KEY] }),
		startFakeRegistry('tiny-package', 'from the registry'),
		openBrowser(),
	]);
	// The packages of new sites come from the real registry; the next doce finds them in the shared cache.
	const first = await startDoce();
	const cache = join(first.dataDir, 'cache');
	await until(() => existsSync(cache) && readdirSync(cache).some((name) => /^starter-[0-9a-f]+$/.test(name)), 120_000);
	await first.destroy();
	doce = await startDoce({ env: { npm_config_registry: registry.url } });
	await connect(doce, 'mine', `${llm.url}/v1`);
});

afterAll(async () => {
	await browser?.close();
	await doce?.destroy();
	await llm?.close();
	registry?.close();
});

/** Lets the agent run a command, and returns what it saw. */
async function agentRuns(command: string): Promise<string> {
	await doce.call('chat/send', { projectId, text: `{{bash ${command}}}` });
	await untilPrompt(doce, projectId, 'succeeded', 120_000);
	const { messages } = await doce.call('chat/messages', { projectId });
	const parts = messages.flatMap((message: { parts: object[] }) => message.parts);
	return JSON.stringify(parts.filter((part: { type?: string }) => part.type === 'tool').at(-1));
}

test('a site is built behind a fence, and its page says so', async () => {
	const prompt = '{{write src/pages/index.astro <h1>Before</h1>}}';
	({ projectId } = await doce.call('projects/create', { prompt, name: 'Fenced' }));
	const project = await untilBuilt(doce, projectId);
	expect(project.isolation.level).toBe('isolated');
	const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
	const page = await context.newPage();
	await signIn(page, doce);
	await visit(page, doce, `/projects/${projectId}`);
	await page.getByRole('button', { name: 'Isolated' }).waitFor();
	expect(await overflow(page)).toBe(0);
	await page.getByRole('tab', { name: 'Activity' }).click();
	await page.getByText(project.isolation.reason).first().waitFor();
	expect(await accessibilityFaults(page)).toEqual([]);
	await context.close();
});

test('the preview reloads by itself when the agent changes a page', async () => {
	const page = await browser.newPage();
	await page.goto((await getProject(doce, projectId)).previewUrl);
	await page.getByRole('heading', { name: 'Before' }).waitFor();
	await doce.call('chat/send', { projectId, text: '{{write src/pages/index.astro <h1>After</h1>}}' });
	await page.getByRole('heading', { name: 'After' }).waitFor();
	await page.close();
});

test('the agent installs a package through the proxy', async () => {
	await untilPrompt(doce, projectId, 'succeeded');
	const seen = await agentRuns('npm install tiny-package --no-audit --no-fund');
	expect(seen).toContain('added 1 package');
	const installed = join(doce.dataDir, 'projects', projectId, 'workspace/node_modules/tiny-package/index.js');
	expect(readFileSync(installed, 'utf8')).toContain('from the registry');
	expect(registry.asked).toContain('/tiny-package.tgz');
});

test('the agent reaches nothing else: not doce, its files, the machine nor the internet', async () => {
	const port = new URL(doce.url).port;
	const tries = [
		`head -c 15 ${doce.dataDir}/doce.sqlite`,
		`ls ${doce.dataDir}/keys`,
		`curl -sS -m 5 --noproxy '*' http://127.0.0.1:${port}/api/health`,
		`curl -sS -m 5 -f --noproxy '' --proxy http://127.0.0.1:3128 http://127.0.0.1:${port}/api/health`,
		'curl -sS -m 5 -f http://169.254.169.254/latest/meta-data/',
		'curl -sS -m 5 -f https://example.com/',
		'cat /proc/*/cmdline | grep -a "star[t].ts"',
	];
	// In a file, since OpenCode itself refuses commands that name places outside; a harmful agent would know that.
	const script = [
		...tries.map((one, at) => `${one} && echo reached-${at} || echo refused-${at}`),
		`ls ${doce.dataDir}/projects`,
	];
	const path = join(doce.dataDir, 'projects', projectId, 'workspace/try.sh');
	writeFileSync(path, script.join('\n'));
	const seen = await agentRuns('sh try.sh 2>/dev/null');
	for (const at of tries.keys()) expect(seen).toContain(`refused-${at}`);
	expect(seen).not.toContain('reached');
	expect(seen).toContain(projectId);
	// The control: outside of the fence the same script reaches what is there, but for other machines.
	const outside = execFileSync('sh', [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
	for (const at of [0, 1, 2, 6]) expect(outside).toContain(`reached-${at}`);
});

test('the site’s own packages do not find the token of its agent', async () => {
	const project = join(doce.dataDir, 'projects', projectId);
	const token = join(project, 'opencode/data/opencode/auth.json');
	const peek = `---
import { readFileSync } from 'node:fs';
const read = () => { try { return readFileSync('${token}', 'utf8'); } catch (error) { return error.code; } };
const door = await fetch('http://127.0.0.1:3129/').then(({ status }) => status, ({ cause }) => cause.code);
---
<p id="peek">{read()} {door}</p>
`;
	writeFileSync(join(project, 'workspace/src/pages/peek.astro'), peek);
	const page = await browser.newPage();
	await page.goto((await getProject(doce, projectId)).previewUrl);
	const address = new URL('/peek', page.url()).href;
	// The dev server may not have noticed yet that there is such a page.
	await until(async () => (await page.goto(address))?.status() === 200, 20_000);
	expect(await page.locator('#peek').textContent()).toBe('ENOENT ECONNREFUSED');
	await page.close();
	// The control: the agent has both, in the same place.
	const same = `test -s ${token} && echo token-there\ncurl -sS -m 5 --noproxy '*' http://127.0.0.1:3129/ && echo door-there`;
	writeFileSync(join(project, 'workspace/peek.sh'), same);
	const seen = await agentRuns('sh peek.sh');
	expect(seen).toContain('token-there');
	expect(seen).toContain('door-there');
});

test('an admin says which hosts packages come from, and private ones are refused', async () => {
	expect(await doce.call('settings/getPackageHosts')).toEqual({
		hosts: ['registry.npmjs.org'],
		defaults: ['registry.npmjs.org'],
		registry: new URL(registry.url).host,
	});
	for (const host of ['127.0.0.1', 'localhost', '10.0.0.1:443', 'registry.npmjs.org/evil', '169.254.169.254'])
		expect((await doce.request('settings/setPackageHosts', { hosts: [host] })).status).toBe(400);
	const { hosts } = await doce.call('settings/setPackageHosts', {
		hosts: ['Registry.npmjs.org:443', 'npm.example.com:8443'],
	});
	expect(hosts).toEqual(['registry.npmjs.org', 'npm.example.com:8443']);
	expect(await doce.call('settings/getPackageHosts')).toMatchObject({ hosts });
});

test('a host on the list is open to a running project at once, and closed at once when it is taken off', async () => {
	const path = join(doce.dataDir, 'projects', projectId, 'workspace/ask.sh');
	writeFileSync(path, "curl -sS -m 30 http://packages.doce.invalid:8443/ || echo 'no answer'");
	const [refused, unknown] = ['does not let projects connect', 'could not be reached'];
	await doce.call('settings/setPackageHosts', { hosts: [] });
	expect(await agentRuns('sh ask.sh')).toContain(refused);
	await doce.call('settings/setPackageHosts', { hosts: ['packages.doce.invalid:8443'] });
	expect(await agentRuns('sh ask.sh')).toContain(unknown);
	await doce.call('settings/setPackageHosts', { hosts: [] });
	expect(await agentRuns('sh ask.sh')).toContain(refused);
});
