import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, descendants, openPreview, startDoce, until } from '../test/harness/doce.ts';
import { connect, KEY, untilBuilt, untilPrompt } from '../test/harness/project.ts';
import { printRow } from './figures.ts';

const PROJECTS = 12;
const PROMPTS = 20;

/** Whole projects, one after another: the credential step, the way of a prompt to the provider, and memory. */
export async function benchProjects(): Promise<void> {
	const llm = await startFakeLlm({ keys: [KEY] });
	const doce = await startDoce();
	await connect(doce, 'mine', `${llm.url}/v1`);
	const credentials: number[] = [];
	const handovers: number[] = [];
	const idle: Memory[] = [];
	let projectId = '';
	for (let run = 0; run < PROJECTS; run++) {
		({ projectId } = await doce.call('projects/create', { prompt: 'A page', name: `Bench ${run}` }));
		const project = await untilBuilt(doce, projectId);
		credentials.push(stepTime(project.steps, 'opencode.setProviderCredentials'));
		handovers.push(handoverTime(project.steps));
		await until(async () => (await openPreview(project.previewUrl)).status === 200);
		idle.push(await memoryOf(doce, projectId));
		if (run < PROJECTS - 1) await stop(doce, projectId);
	}
	printRow('the credential step of a new project', credentials, 'ms', '< 100 ms');
	printRow('OpenCode healthy → credential → session ready', handovers, 'ms', 'p95 < 100 ms, better 50');
	const waits: number[] = [];
	for (let run = 0; run < PROMPTS; run++) waits.push(await promptTime(doce, llm, projectId, run));
	printRow('message sent → first call to the provider', waits, 'ms');
	printRow(
		'memory of the preview after a first build (PSS)',
		idle.map(({ preview }) => preview),
		'MB',
		'< 330 MB',
	);
	printRow(
		'memory of a project after its first build (PSS)',
		idle.map(({ whole }) => whole),
		'MB',
		'< 700 MB',
	);
	printRow(
		`memory of a project after ${PROMPTS} messages (PSS)`,
		[(await memoryOf(doce, projectId)).whole],
		'MB',
		'< 700 MB',
	);
	await doce.destroy();
	await llm.close();
}

type Step = { type: string; startedAt: string; finishedAt: string };

function stepTime(steps: Step[], type: string): number {
	const step = steps.find((one) => one.type === type);
	return Date.parse(step?.finishedAt ?? '') - Date.parse(step?.startedAt ?? '');
}

function handoverTime(steps: Step[]): number {
	const endOf = (type: string): number => Date.parse(steps.find((step) => step.type === type)?.finishedAt ?? '');
	return endOf('opencode.sessionCreate') - endOf('opencode.waitHealthy');
}

async function promptTime(
	doce: Doce,
	llm: Awaited<ReturnType<typeof startFakeLlm>>,
	projectId: string,
	run: number,
): Promise<number> {
	const text = `Message ${run}`;
	const before = Date.now();
	await doce.call('chat/send', { projectId, text });
	await untilPrompt(doce, projectId, 'succeeded');
	const call = llm.requests.find((request) => request.userText === text);
	return (call?.at ?? Number.NaN) - before;
}

async function stop(doce: Doce, projectId: string): Promise<void> {
	await doce.call('projects/stop', { projectId });
	await until(async () => (await doce.call('projects/get', { projectId })).project.status === 'stopped');
}

type Memory = { preview: number; whole: number };

/** PSS in MB, from the kernel's own sums: shared pages count once over all who share them. */
async function memoryOf(doce: Doce, projectId: string): Promise<Memory> {
	const record = readFileSync(join(doce.dataDir, 'run', `${projectId}.json`), 'utf8');
	const { processes } = JSON.parse(record) as { processes: { name: string; identity: { pid: number } }[] };
	const sizes = processes.map(({ name, identity: { pid } }) => ({
		name,
		mb: [pid, ...descendants(pid)].map(pssOf).reduce((sum, mb) => sum + mb, 0),
	}));
	return {
		preview: sizes.find(({ name }) => name === 'preview')?.mb ?? Number.NaN,
		whole: sizes.reduce((sum, { mb }) => sum + mb, 0),
	};
}

function pssOf(pid: number): number {
	const [, kilobytes = '0'] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
	return Number(kilobytes) / 1024;
}
