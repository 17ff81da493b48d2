import type { App } from '#server/app.ts';
import { recordAudit } from '#server/audit/audit.ts';
import { projectPaths } from '#server/projects/paths.ts';
import { ownProject } from '#server/projects/projects.ts';
import { packWorkspace } from '#server/projects/workspace/archive.ts';
import type { User } from '#server/users/users.ts';
import type { VerbContext } from '../define.ts';
import { personOf } from '../person.ts';

export const ZIP_TYPE = 'application/zip';

/** A project's site as a zip file. Throws `AppError('conflict')`, with the names, when files carry a secret. */
export async function exportSite(
	app: App,
	who: Pick<VerbContext<User>, 'user' | 'caller'>,
	projectId: string,
): Promise<{ fileName: string; content: Uint8Array<ArrayBuffer> }> {
	const { user } = who;
	const project = await ownProject(app.db, user, projectId);
	const { workspace } = projectPaths(app.config.dataDir, project.id);
	const content = await packWorkspace(workspace, await app.guard.scrubberFor(user.id));
	await recordAudit(app.db, {
		actor: personOf(who).actor,
		userId: user.id,
		action: 'project.exported',
		projectId: project.id,
		detail: { bytes: content.byteLength },
	});
	return { fileName: `${project.slug}.zip`, content: new Uint8Array(content) };
}
