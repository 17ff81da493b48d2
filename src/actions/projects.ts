import { z } from 'zod';
import type { App } from '#server/app.ts';
import { redact } from '#server/auth/probes/redact.ts';
import { addInitialMessage } from '#server/chat/messages.ts';
import { inTransaction } from '#server/db/client.ts';
import { readStoredSecrets } from '#server/opencode/server.ts';
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

const projectId = z.string().min(1).max(64);
const oneProject = z.object({ projectId });

/** How many lines of a log a page shows. */
const LOG_LINES = 300;

export const projects = {
	create: userAction({
		input: createProjectInput,
		output: z.object({ projectId: z.string(), slug: z.string() }),
		async run(input, { app, user }) {
			const model = chooseModel(await listConnectedProviders(app.projects, user.id), input);
			const created = await inTransaction(app.db, async (tx) => {
				const ids = await createProject(tx, user, input, model, app.runtime.kind);
				await addInitialMessage(tx, await getProject(tx, ids.projectId));
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
			await wakeProject(app.db, await ownProject(app.db, user, input.projectId));
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
		output: z.object({ path: z.string(), content: z.string() }),
		async run(input, { app, user }) {
			const project = await ownProject(app.db, user, input.projectId);
			const content = await readFile(projectPaths(app.config.dataDir, project.id).workspace, input.path);
			return { path: input.path, content };
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
			return { lines: lines.map((line) => redact(line, secrets)) };
		},
	}),
};

async function viewOf(app: App, project: Project) {
	return getProjectView(app, project, app.previewAccess.url(project));
}

async function publish(app: App, id: string): Promise<void> {
	await announceProject(app, id);
}
