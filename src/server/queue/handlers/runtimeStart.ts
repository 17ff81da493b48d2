import { getProject } from '../../projects/projects.ts';
import { startRuntime } from '../../projects/setup.ts';
import { defineHandler, type JobHandler } from '../handler.ts';
import { type HandlerServices, nextStep, ofProject } from './services.ts';

/** Step 2: OpenCode and the dev server. */
export function runtimeStart(services: HandlerServices): JobHandler {
	return defineHandler({
		type: 'runtime.start',
		payload: ofProject,
		async run({ projectId }, { signal, log }) {
			const address = await startRuntime(services, await getProject(services.db, projectId), signal);
			await log(
				`OpenCode on port ${address.opencode.port}, preview on port ${address.preview.port}${placeOf(services)}`,
			);
			return nextStep('opencode.waitHealthy', projectId);
		},
	});
}

function placeOf({ runtime }: HandlerServices): string {
	return runtime.isolation.level === 'not' ? ', not isolated' : ' behind a fence';
}
