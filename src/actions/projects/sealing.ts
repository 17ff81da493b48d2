import { z } from 'zod';
import { setSealedOnly } from '#server/projects/credentials/sealedOnly.ts';
import { ownProject } from '#server/projects/projects.ts';
import { announceProject, getProjectView } from '#server/projects/views.ts';
import { projectView } from '#shared/projects.ts';
import { userAction } from '../define.ts';
import { personOf } from '../person.ts';

/** Whether keys may be copied into a project. */
export const sealingVerbs = {
	setSealedOnly: userAction({
		input: z.object({ projectId: z.string().min(1).max(64), sealedOnly: z.boolean() }),
		output: z.object({ project: projectView }),
		async run({ projectId, sealedOnly }, context) {
			const { app, user } = context;
			const project = await ownProject(app.db, user, projectId);
			await setSealedOnly(app.db, personOf(context), project, sealedOnly);
			await announceProject(app, project.id);
			const changed = await ownProject(app.db, user, project.id);
			return { project: await getProjectView(app, changed, app.previewAccess.url(changed)) };
		},
	}),
};
