import { startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { openPreview, startDoce, until } from '../test/harness/doce.ts';
import { connect, KEY, untilBuilt } from '../test/harness/project.ts';
import { printRow } from './figures.ts';

const RUNS = 8;
const MODES = { 'behind a fence': 'auto', 'without a fence': 'off' };

/** The same projects with and without a fence, in turn, so that both meet the same machine. */
export async function benchFence(): Promise<void> {
	const llm = await startFakeLlm({ keys: [KEY] });
	const healthy = new Map<string, number[]>();
	const seen = new Map<string, number[]>();
	for (let run = 0; run < RUNS; run++) {
		for (const [name, mode] of Object.entries(MODES)) {
			const doce = await startDoce({ env: { DOCE_FENCE: mode } });
			await connect(doce, 'mine', `${llm.url}/v1`);
			const before = Date.now();
			const { projectId } = await doce.call('projects/create', { prompt: 'A page', name: 'Bench' });
			const { steps, previewUrl } = await untilBuilt(doce, projectId);
			await until(async () => (await openPreview(previewUrl)).status === 200);
			push(seen, name, Date.now() - before);
			push(healthy, name, endOf(steps, 'opencode.waitHealthy') - endOf(steps, 'project.create'));
			await doce.destroy();
		}
	}
	for (const name of Object.keys(MODES)) {
		const bar = name === 'behind a fence' ? 'at most 10 % more than without' : '';
		printRow(`start → OpenCode healthy, ${name}`, healthy.get(name) ?? [], 'ms', bar);
		printRow(`created → answered, preview seen, ${name}`, seen.get(name) ?? [], 'ms');
	}
	await llm.close();
}

function push(values: Map<string, number[]>, name: string, value: number): void {
	values.set(name, [...(values.get(name) ?? []), value]);
}

function endOf(steps: { type: string; finishedAt: string }[], type: string): number {
	return Date.parse(steps.find((step) => step.type === type)?.finishedAt ?? '');
}
