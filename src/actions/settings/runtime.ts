import { z } from 'zod';
import type { App } from '#server/app.ts';
import { limitProjects } from '#server/projects/life/limits.ts';
import { getRuntimeSettings, limitBounds, setRuntimeSettings } from '#server/projects/life/settings.ts';
import { limits } from '#shared/limits.ts';
import { type RuntimeView, runtimeView } from '#shared/runtime.ts';
import { adminAction, nothing, userAction } from '../define.ts';
import { personOf } from '../person.ts';

/** What runs projects, and how it is set. */
export const runtimeVerbs = {
	getRuntime: userAction({
		input: nothing,
		output: runtimeView,
		run: async (_, { app }) => viewRuntime(app),
	}),

	setRuntimeSettings: adminAction({
		input: z.object({
			defaults: limits.partial().strict().optional(),
			pauseAfterMinutes: z.number().optional(),
			stopAfterHours: z.number().optional(),
		}),
		output: runtimeView,
		async run(input, context) {
			const { app } = context;
			await setRuntimeSettings(app.db, personOf(context), input);
			await limitProjects(app);
			return viewRuntime(app);
		},
	}),
};

async function viewRuntime({ db, runtime }: App): Promise<RuntimeView> {
	return {
		kind: runtime.kind,
		isolation: runtime.isolation,
		keeps: [...runtime.keeps],
		canPause: runtime.canPause,
		trouble: runtime.trouble() ?? null,
		settings: await getRuntimeSettings(db),
		bounds: limitBounds(),
	};
}
