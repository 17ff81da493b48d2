import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SETUP_STEPS } from '#shared/queue.ts';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, openPreview, startDoce, until } from '../test/harness/doce.ts';
import { connect, untilBuilt } from '../test/harness/project.ts';

const COUNT = 10;
const KEYS = { alpha: 'sk-alpha-key-aaaaaaaaaa', beta: 'sk-beta-key-bbbbbbbbbbb' };
let doce: Doce;
let alpha: FakeLlm;
let beta: FakeLlm;

beforeAll(async () => {
	alpha = await startFakeLlm({ keys: [KEYS.alpha] });
	beta = await startFakeLlm({ keys: [KEYS.beta] });
	doce = await startDoce();
	await connect(doce, 'alpha', `${alpha.url}/v1`, { apiKey: KEYS.alpha });
	await connect(doce, 'beta', `${beta.url}/v1`, { apiKey: KEYS.beta });
});

afterAll(async () => {
	await doce?.destroy();
	await alpha?.close();
	await beta?.close();
});

test('ten projects created at once all run, each step once and in order, nothing mixed up', async () => {
	const numbers = Array.from({ length: COUNT }, (_, n) => n);
	const providerOf = (n: number) => (n % 2 === 0 ? 'alpha' : 'beta');
	const created = await Promise.all(
		numbers.map((n) =>
			doce.call('projects/create', {
				prompt: `{{write src/pages/index.astro <p>site ${n}.</p>}}`,
				name: `Site ${n}`,
				providerId: providerOf(n),
			}),
		),
	);
	const projects = await Promise.all(created.map(({ projectId }) => untilBuilt(doce, projectId, 220_000)));

	for (const { steps } of projects) {
		const times = steps.flatMap((step: { startedAt: string; finishedAt: string }) => [
			Date.parse(step.startedAt),
			Date.parse(step.finishedAt),
		]);
		expect(times).toEqual([...times].sort((one, other) => one - other));
	}
	const { jobs } = await doce.call('queue/list');
	const steps: readonly string[] = SETUP_STEPS;
	const setup = jobs.filter((job: { type: string }) => steps.includes(job.type));
	expect(setup).toHaveLength(COUNT * 6);
	expect(new Set(setup.map((job: { projectId: string; type: string }) => `${job.projectId} ${job.type}`)).size).toBe(
		COUNT * 6,
	);

	const tokens = new Set<string>();
	for (const [n, project] of projects.entries()) {
		const folder = join(doce.dataDir, 'projects', project.id);
		expect(readFileSync(join(folder, 'workspace/src/pages/index.astro'), 'utf8')).toBe(`<p>site ${n}.</p>`);
		const held = JSON.parse(readFileSync(join(folder, 'opencode/data/opencode/auth.json'), 'utf8'));
		expect(held).toEqual({ [providerOf(n)]: { type: 'api', key: expect.stringMatching(/^dpt_/) } });
		tokens.add(held[providerOf(n)].key);
		await until(async () => (await openPreview(project.previewUrl)).body.includes(`site ${n}.`), 60_000);
	}
	expect(tokens.size).toBe(COUNT);
	const runs = projects.map(({ id }) => JSON.parse(readFileSync(join(doce.dataDir, 'run', `${id}.json`), 'utf8')));
	const ports = runs.flatMap(({ processes }: { processes: { port: number }[] }) => processes.map(({ port }) => port));
	expect(new Set(ports).size).toBe(COUNT * 2);
});

test('each provider saw its own key alone', () => {
	expect(new Set(alpha.requests.map((call) => call.key))).toEqual(new Set([KEYS.alpha]));
	expect(new Set(beta.requests.map((call) => call.key))).toEqual(new Set([KEYS.beta]));
});
