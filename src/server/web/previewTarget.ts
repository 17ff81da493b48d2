import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { findProject, touchProject, wakeProject } from '../projects/projects.ts';
import type { RuntimeAddress } from '../runtime/runtime.ts';
import type { PreviewCaller, PreviewTarget } from './preview.ts';

/** What a project's preview shows; for a person, a stopped project is started. */
export async function findPreviewTarget(app: App, projectId: string, by: PreviewCaller): Promise<PreviewTarget> {
	const project = await findProject(app.db, projectId);
	if (project === undefined || project.status === 'deleting') return { state: 'unknown' };
	const projectUrl = new URL(`/projects/${project.id}`, app.publicUrl).href;
	if (by !== 'socket') app.uses.note(project.id);
	else if (app.uses.isPaused(project.id)) return { state: 'stopped', projectUrl };
	const found = await findAddress(app, project.id);
	if (typeof found === 'object') return { state: 'running', ...found.preview };
	const trouble = app.runtime.trouble() ?? found;
	if (trouble !== undefined) return { state: 'away', projectUrl, words: trouble };
	if (project.status === 'error') return { state: 'error', projectUrl };
	if (project.status === 'creating') return { state: 'starting', projectUrl };
	if (by !== 'person') return { state: 'stopped', projectUrl };
	await touchProject(app.db, project.id);
	await wakeProject(app.db, project);
	return { state: 'stopped', projectUrl };
}

/** Where the project runs, or why that cannot be told: a paused one cannot go on while its engine is away. */
async function findAddress({ runtime }: App, projectId: string): Promise<RuntimeAddress | string | undefined> {
	try {
		return await runtime.find(projectId);
	} catch (error) {
		if (error instanceof AppError && error.code === 'unavailable') return error.message;
		throw error;
	}
}
