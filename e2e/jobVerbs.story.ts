import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeLlm, startFakeLlm } from '../test/fakes/llm/fakeLlm.ts';
import { type Doce, startDoce } from '../test/harness/doce.ts';
import { connect, KEY } from '../test/harness/project.ts';

let doce: Doce;
let llm: FakeLlm;

beforeAll(async () => {
	llm = await startFakeLlm({ keys: [KEY] });
	doce = await startDoce();
	await connect(doce, 'mine', `${llm.url}/v1`);
});

afterAll(async () => {
	await doce?.destroy();
	await llm?.close();
});

test('a job is read, cancelled and retried with its log and its payload', async () => {
	await doce.call('queue/pause');
	const { projectId } = await doce.call('projects/create', { prompt: 'A page' });
	const [{ id: jobId }] = (await doce.call('queue/list', { projectId })).jobs;
	const cancelled = (await doce.call('queue/cancel', { jobId })).job;
	expect(cancelled).toMatchObject({ id: jobId, type: 'project.create', state: 'cancelled', payload: { projectId } });
	expect(cancelled.events.map(({ message }: { message: string }) => message)).toContain('Cancelled');
	expect((await doce.call('queue/get', { jobId })).job).toEqual(cancelled);
	const retried = (await doce.call('queue/retry', { jobId })).job;
	expect(retried).toMatchObject({ id: jobId, state: 'queued', payload: { projectId } });
	expect(retried.events.length).toBeGreaterThan(cancelled.events.length);
	expect((await doce.call('queue/get', { jobId })).job).toEqual(retried);
});
