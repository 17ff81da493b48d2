import type { SETUP_STEPS } from '#shared/queue.ts';
import { type Doce, until } from './doce.ts';

export const KEY = 'sk-good-key-1234567890';

/** Connects a provider of ours at a loopback address under `providerId`, and returns the connection. */
export async function connect(doce: Doce, providerId: string, baseURL: string, more: Record<string, unknown> = {}) {
	const { apiKey = KEY, models = [{ id: 'fake-1' }], ...rest } = more;
	const custom = { name: providerId, baseURL, models, local: true, ...(rest['custom'] as object | undefined) };
	const { connection } = await doce.call('settings/connectProvider', {
		providerId,
		authType: 'api',
		apiKey,
		...rest,
		custom,
	});
	return connection;
}

export async function getProject(doce: Doce, projectId: string) {
	return (await doce.call('projects/get', { projectId })).project;
}

/** Waits until every step of the chain has succeeded; a failed one is the test's failure, with its reason. */
export async function untilBuilt(doce: Doce, projectId: string, timeout = 120_000) {
	await until(async () => {
		const { steps } = await getProject(doce, projectId);
		const failed = steps.find((step: { state: string }) => step.state === 'failed' || step.state === 'cancelled');
		if (failed) throw new Error(`${failed.type} ${failed.state}: ${failed.error}`);
		return steps.every((step: { state: string }) => step.state === 'succeeded');
	}, timeout);
	return getProject(doce, projectId);
}

/** Waits until a step of the chain has begun at least. */
export async function untilStepBegan(
	doce: Doce,
	projectId: string,
	type: (typeof SETUP_STEPS)[number],
	timeout?: number,
): Promise<void> {
	await until(async () => {
		const { steps } = await getProject(doce, projectId);
		const found = steps.find((step: { type: string; startedAt: string | null }) => step.type === type);
		return (found?.startedAt ?? null) !== null;
	}, timeout);
}

/** Waits until the newest job that sends a message has this state. */
export async function untilPrompt(doce: Doce, projectId: string, state: string, timeout = 60_000): Promise<void> {
	await until(async () => {
		const { jobs } = await doce.call('queue/list', { projectId, type: 'chat.sendPrompt' });
		return jobs[0]?.state === state;
	}, timeout);
}
