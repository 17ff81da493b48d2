import type { App } from '../app.ts';
import { findProject, touchProject, wakeProject } from '../projects/projects.ts';
import type { PreviewCaller, PreviewTarget } from './preview.ts';

/** What a project's preview shows; for a person, a stopped project is started. */
export async function findPreviewTarget(app: App, projectId: string, by: PreviewCaller): Promise<PreviewTarget> {
	const project = await findProject(app.db, projectId);
	if (project === undefined || project.status === 'deleting') return { state: 'unknown' };
	const projectUrl = new URL(`/projects/${project.id}`, app.publicUrl).href;
	if (by !== 'socket') app.uses.note(project.id);
	else if (app.uses.isPaused(project.id)) return { state: 'stopped', projectUrl };
	const address = await app.runtime.find(project.id);
	if (address !== undefined) return { state: 'running', ...address.preview };
	const trouble = app.runtime.trouble();
	if (trouble !== undefined) return { state: 'away', projectUrl, words: trouble };
	if (project.status === 'error') return { state: 'error', projectUrl };
	if (project.status === 'creating') return { state: 'starting', projectUrl };
	if (by !== 'person') return { state: 'stopped', projectUrl };
	await touchProject(app.db, project.id);
	await wakeProject(app.db, project);
	return { state: 'stopped', projectUrl };
}
