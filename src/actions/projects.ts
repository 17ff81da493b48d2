import { z } from 'zod';
import type { App } from '#server/app.ts';
import { redact } from '#server/auth/probes/redact.ts';
import { addInitialMessage } from '#server/chat/messages.ts';
import { inTransaction } from '#server/db/client.ts';
import { readStoredSecrets } from '#server/opencode/stored/secrets.ts';
import { listConnectedProviders } from '#server/projects/connected.ts';
import { chooseModel, toModelChoices } from '#server/projects/models.ts';
import { projectPaths } from '#server/projects/paths.ts';
import {
	createProject,
	deleteProject,
	getProject,
	listProjects,
	ownProject,
	type Project,
	setProjectFallback,
	setProjectModel,
	stopProject,
	wakeProject,
} from '#server/projects/projects.ts';
import { announceProject, getProjectView, toProjectSummary } from '#server/projects/views.ts';
import { listFiles, readFile } from '#server/projects/workspace/files.ts';
import { createProjectInput, fileEntry, projectSummary, projectView } from '#shared/projects.ts';
import { fallbackMode, modelChoice } from '#shared/providers.ts';
import { nothing, userAction } from './define.ts';
import { personOf } from './person.ts';
import { exportSite, ZIP_TYPE } from './projects/export.ts';
import { limitVerbs } from './projects/limits.ts';
import { sealingVerbs } from './projects/sealing.ts';
import { withoutSecrets } from './projects/secrets.ts';

const projectId = z.string().min(1).max(64);
const oneProject = z.object({ projectId });

/** How many lines of a log a page shows. */
const LOG_LINES = 300;

export const projects = {
	...sealingVerbs,
	...limitVerbs,

	create: userAction({
		input: createProjectInput,
		output: z.object({ projectId: z.string(), slug: z.string() }),
		async run(input, { app, user }) {
			const model = chooseModel(await listConnectedProviders(app.projects, user.id), input);
			const { text: prompt, note } = await withoutSecrets(app, user, input.prompt);
			const created = await inTransaction(app.db, async (tx) => {
				const ids = await createProject(tx, user, { ...input, prompt }, model, app.runtime.kind);
				await addInitialMessage(tx, await getProject(tx, ids.projectId), note);
				return ids;
			});
			await publish(app, created.projectId);
			return created;
		},
	}),

	get: userAction({
		input: oneProject,
		output: z.object({ project: projectView }),
		async run(input, { app, user }) {
			return { project: await viewOf(app, await ownProject(app.db, user, input.projectId)) };
		},
	}),

	list: userAction({
		input: nothing,
		output: z.object({ projects: z.array(projectSummary) }),
		run: async (_, { app, user }) => ({ projects: (await listProjects(app.db, user.id)).map(toProjectSummary) }),
	}),

	listModels: userAction({
		input: nothing,
		output: z.object({ models: z.array(modelChoice) }),
		run: async (_, { app, user }) => ({ models: toModelChoices(await listConnectedProviders(app.projects, user.id)) }),
	}),

	setFallback: userAction({
		input: z.object({ projectId, mode: fallbackMode.nullable() }),
		output: z.object({ project: projectView }),
		async run(input, context) {
			const { app, user } = context;
			const project = await ownProject(app.db, user, input.projectId);
			await setProjectFallback(app.db, personOf(context), project, input.mode);
			await publish(app, project.id);
			return { project: await viewOf(app, await ownProject(app.db, user, project.id)) };
		},
	}),

	setModel: userAction({
		input: z.object({ projectId, providerId: z.string().max(64), modelId: z.string().max(200) }),
		output: z.object({ project: projectView }),
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			const model = chooseModel(await listConnectedProviders(app.projects, user.id), input);
			await setProjectModel(app.db, project, model);
			await publish(app, project.id);
			return { project: await viewOf(app, await ownProject(app.db, user, project.id)) };
		},
	}),

	start: userAction({
		input: oneProject,
		output: nothing,
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			// Here and not where it starts: what doce starts by itself is no use of it.
			app.uses.note(project.id);
			await wakeProject(app.db, project);
			return {};
		},
	}),

	stop: userAction({
		input: oneProject,
		output: nothing,
		async run(input, { app, user }) {
			await stopProject(app.db, await ownProject(app.db, user, input.projectId));
			return {};
		},
	}),

	delete: userAction({
		input: oneProject,
		output: nothing,
		async run(input, { app, user }) {
			await deleteProject(app.db, await ownProject(app.db, user, input.projectId));
			await publish(app, input.projectId);
			return {};
		},
	}),

	listFiles: userAction({
		input: oneProject,
		output: z.object({ files: z.array(fileEntry) }),
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			return { files: await listFiles(projectPaths(app.config.dataDir, project.id).workspace) };
		},
	}),

	readFile: userAction({
		input: z.object({ projectId, path: z.string().min(1).max(1_000) }),
		/** `redacted`: it carries a secret, which is left out of the content. */
		output: z.object({ path: z.string(), content: z.string(), redacted: z.boolean() }),
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			const { workspace } = projectPaths(app.config.dataDir, project.id);
			const content = await readFile(workspace, input.path);
			const shown = (await app.guard.scrubberFor(user.id)).scrub(content);
			return { path: input.path, content: shown, redacted: shown !== content };
		},
	}),

	export: userAction({
		input: oneProject,
		/** `content` is base64. */
		output: z.object({ fileName: z.string(), mediaType: z.string(), content: z.string() }),
		async run(input, context) {
			const { fileName, content } = await exportSite(context.app, context, input.projectId);
			return { fileName, mediaType: ZIP_TYPE, content: Buffer.from(content).toString('base64') };
		},
	}),

	logs: userAction({
		input: z.object({ projectId, process: z.enum(['opencode', 'preview']) }),
		output: z.object({ lines: z.array(z.string()) }),
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			const { home } = projectPaths(app.config.dataDir, project.id);
			const secrets = await readStoredSecrets(home);
			const lines = await app.runtime.logs(project.id, input.process, LOG_LINES);
			const { scrub } = await app.guard.scrubberFor(user.id);
			return { lines: lines.map((line) => scrub(redact(line, secrets))) };
		},
	}),
};

async function viewOf(app: App, project: Project) {
	return getProjectView(app, project, app.previewAccess.url(project));
}

async function publish(app: App, id: string): Promise<void> {
	await announceProject(app, id);
}
