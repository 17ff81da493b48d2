import { lstat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { AppError } from '#server/errors.ts';

/** Where a project's files are: its site (`workspace`) and its OpenCode's own folders (`home`). */
export function projectPaths(dataDir: string, projectId: string): { root: string; workspace: string; home: string } {
	const root = join(dataDir, 'projects', projectId);
	return { root, workspace: join(root, 'workspace'), home: join(root, 'opencode') };
}

/**
 * To be called before a fence shows folders of a project: an agent that ran without one may have put a link in the place
 * of a folder, and the fence would show what it leads to. Throws `AppError('conflict')`.
 */
export async function requirePlainFolders(root: string, folders: readonly string[]): Promise<void> {
	for (const folder of folders) {
		let at = root;
		for (const name of relative(root, folder).split(sep)) {
			at = join(at, name);
			if ((await lstat(at)).isDirectory()) continue;
			throw new AppError('conflict', `${at} has to be a folder, and is a link or a file. Remove it, then try again.`);
		}
	}
}
