import type { App } from '../app.ts';
import { findProject, touchProject, wakeProject } from '../projects/projects.ts';
import type { PreviewTarget } from './preview.ts';

/** What a project's preview shows; with `wake`, a stopped project is started for its visitor. */
export async function findPreviewTarget(app: App, projectId: string, wake: boolean): Promise<PreviewTarget> {
	const project = await findProject(app.db, projectId);
	if (project === undefined || project.status === 'deleting') return { state: 'unknown' };
	const projectUrl = new URL(`/projects/${project.id}`, app.publicUrl).href;
	const address = await app.runtime.find(project.id);
	if (address !== undefined) return { state: 'running', ...address.preview };
	if (project.status === 'error') return { state: 'error', projectUrl };
	if (project.status === 'creating') return { state: 'starting', projectUrl };
	if (!wake) return { state: 'stopped', projectUrl };
	await touchProject(app.db, project.id);
	await wakeProject(app.db, project);
	return { state: 'stopped', projectUrl };
}
