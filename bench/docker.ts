import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { instanceOf } from '../src/server/runtime/docker/order/names.ts';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, openPreview, startDoce, until } from '../test/harness/doce.ts';
import { connect, getProject, KEY, untilBuilt, untilPrompt } from '../test/harness/project.ts';
import { printHead, printRow, time } from './figures.ts';
import { startRegistry } from './registry.ts';

/** `npm run bench:docker`: six projects in containers at once, what they take, and how soon they are awake. */
const PROJECTS = 6;
const WAKES = 5;
/** What an agent does that takes the most: packages are installed anew, and the site is built, while the preview runs. */
const HEAVY = '{{bash rm -rf node_modules && npm install --no-audit --no-fund && npm run build}}';
const SAMPLE_MS = 500;

type Load = { processes: { name: string; memoryMb: number }[] } | null;

process.env['DOCE_RUNTIME'] = 'docker';
const llm = await startFakeLlm({ keys: [KEY] });
const registry = await startRegistry();
const doce = await startDoce({ env: { npm_config_registry: registry.url } });
await connect(doce, 'mine', `${llm.url}/v1`);
// What every project starts from is laid ready once for all, as it is on a doce that has been used.
await remove(await build('Warm'));
printHead();
const projects = await benchCreate();
await benchTurns(projects, llm);
await benchMemory(projects);
await benchWakes(projects.slice(0, 1));
await doce.destroy();
await llm.close();
registry.close();

async function build(name: string): Promise<string> {
	const prompt = '{{write src/pages/index.astro <h1>Here</h1>}}';
	const { projectId } = await doce.call('projects/create', { prompt, name });
	await untilBuilt(doce, projectId, 300_000);
	return projectId;
}

async function remove(projectId: string): Promise<void> {
	await doce.call('projects/delete', { projectId });
	await until(async () => (await doce.request('projects/get', { projectId })).status === 404);
}

/** All at once; then one alone, which no other keeps waiting. */
async function benchCreate(): Promise<string[]> {
	const healthy: number[] = [];
	const seen: number[] = [];
	const one = async (name: string) => {
		const before = Date.now();
		const projectId = await build(name);
		const { steps } = await getProject(doce, projectId);
		healthy.push(endOf(steps, 'opencode.waitHealthy') - before);
		await untilSeen(projectId);
		seen.push(Date.now() - before);
		return projectId;
	};
	const ids = await Promise.all(Array.from({ length: PROJECTS - 1 }, (_, at) => one(`Bench ${at}`)));
	printRow(`created → OpenCode healthy, ${PROJECTS - 1} at once`, healthy.splice(0), 'ms');
	printRow(`created → built and seen, ${PROJECTS - 1} at once`, seen.splice(0), 'ms');
	ids.push(await one('Bench alone'));
	printRow('created → OpenCode healthy, one alone', healthy, 'ms');
	printRow('created → built and seen, one alone', seen, 'ms');
	return ids;
}

function endOf(steps: { type: string; finishedAt: string }[], type: string): number {
	return Date.parse(steps.find((step) => step.type === type)?.finishedAt ?? '');
}

async function untilSeen(projectId: string): Promise<void> {
	const { previewUrl } = await getProject(doce, projectId);
	await until(async () => (await openPreview(previewUrl)).body.includes('Here'), 60_000);
}

/** A turn in each project at the same time. */
async function benchTurns(ids: readonly string[], { requests }: FakeLlm): Promise<void> {
	const first: number[] = [];
	const whole: number[] = [];
	await Promise.all(
		ids.map(async (projectId) => {
			const text = `{{bash ls}} in ${projectId}`;
			const before = Date.now();
			await doce.call('chat/send', { projectId, text });
			await untilPrompt(doce, projectId, 'succeeded', 120_000);
			whole.push(Date.now() - before);
			first.push((requests.find(({ userText }) => userText === text)?.at ?? Number.NaN) - before);
		}),
	);
	printRow(`message → first call to the provider, ${ids.length} at once`, first, 'ms');
	printRow(`message → answered, a command run, ${ids.length} at once`, whole, 'ms');
}

/** What the containers hold, without files that the kernel can drop. */
async function benchMemory(ids: readonly string[]): Promise<void> {
	const loads = await Promise.all(ids.map(loadOf));
	printMemory('idle', loads);
	const total = loads.flatMap((load) => load?.processes ?? []).reduce((sum, { memoryMb }) => sum + memoryMb, 0);
	printRow(`memory of ${ids.length} projects, idle`, [total], 'MB');
	const [id = ''] = ids;
	const peaks: Load[] = [];
	await doce.call('chat/send', { projectId: id, text: HEAVY });
	const done = untilPrompt(doce, id, 'succeeded', 300_000);
	let isDone = false;
	void done.finally(() => {
		isDone = true;
	});
	while (!isDone) {
		peaks.push(await loadOf(id));
		await pause(SAMPLE_MS);
	}
	await done;
	if (!existsSync(join(doce.dataDir, 'projects', id, 'workspace/dist/index.html')))
		throw new Error('It was not built.');
	for (const name of ['opencode', 'preview']) {
		const most = Math.max(...peaks.map((load) => memoryOf(load, name)));
		printRow(`memory of ${name}, most during install and build`, [most], 'MB', 'limit 1,536 MB');
	}
}

async function loadOf(projectId: string): Promise<Load> {
	return (await doce.call('projects/getLoad', { projectId })).load;
}

function memoryOf(load: Load, name: string): number {
	return load?.processes.find((one) => one.name === name)?.memoryMb ?? 0;
}

function printMemory(when: string, loads: readonly Load[]): void {
	for (const name of ['opencode', 'preview']) {
		const held = loads.map((load) => memoryOf(load, name));
		printRow(`memory of ${name}, ${when}`, held, 'MB');
	}
}

async function benchWakes([projectId = '']: readonly string[]): Promise<void> {
	const paused: number[] = [];
	const stopped: number[] = [];
	for (let run = 0; run < WAKES; run++) {
		freeze(doce, projectId);
		// Until doce has heard of it.
		await pause(500);
		paused.push(await time(() => untilSeen(projectId)));
	}
	printRow('visit of a paused project → seen', paused, 'ms', '< 200 ms');
	for (let run = 0; run < WAKES; run++) {
		await doce.call('projects/stop', { projectId });
		await until(async () => (await getProject(doce, projectId)).status === 'stopped');
		stopped.push(await time(() => untilSeen(projectId)));
	}
	printRow('visit of a stopped project → seen', stopped, 'ms', '< 4,000 ms');
}

/** As doce does after minutes without a use. */
function freeze({ dataDir }: Doce, projectId: string): void {
	const instance = instanceOf(join(dataDir, 'run', 'docker'));
	const names = ['opencode', 'preview'].map((name) => `doce-${instance}-${projectId}-${name}`);
	execFileSync('docker', ['pause', ...names], { stdio: 'ignore' });
}
