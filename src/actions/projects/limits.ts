import { z } from 'zod';
import { limitsOf, setProjectLimits, setReachedLimit, viewLimits } from '#server/projects/life/limits.ts';
import { viewLoad } from '#server/projects/life/load.ts';
import { ownProject } from '#server/projects/projects.ts';
import { announceProject } from '#server/projects/views.ts';
import { limits, loadView, projectLimits } from '#shared/limits.ts';
import { nothing, userAction } from '../define.ts';
import { personOf } from '../person.ts';

const projectId = z.string().min(1).max(64);
const oneProject = z.object({ projectId });

/** What a project may use, and what it uses. */
export const limitVerbs = {
	getLimits: userAction({
		input: oneProject,
		output: projectLimits,
		run: async (input, { app, user }) => viewLimits(app, await ownProject(app.db, user, input.projectId)),
	}),

	setLimits: userAction({
		input: z.object({
			projectId,
			memoryMb: z.number().int().nullable().optional(),
			cpus: z.number().nullable().optional(),
			diskMb: z.number().int().nullable().optional(),
		}),
		output: projectLimits,
		async run({ projectId: id, ...change }, context) {
			const { app, user } = context;
			await setProjectLimits(app, personOf(context), await ownProject(app.db, user, id), change);
			await announceProject(app, id);
			return viewLimits(app, await ownProject(app.db, user, id));
		},
	}),

	getLoad: userAction({
		input: oneProject,
		output: z.object({ load: loadView.nullable(), limits }),
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			return { load: await viewLoad(app.runtime, project.id), limits: await limitsOf(app.db, project) };
		},
	}),

	dismissLimit: userAction({
		input: oneProject,
		output: nothing,
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			await setReachedLimit(app.db, project.id, null);
			await announceProject(app, project.id);
			return {};
		},
	}),
};
