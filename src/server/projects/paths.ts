import { join } from 'node:path';

/** Where a project's files are: its site (`workspace`) and its OpenCode's own folders (`home`). */
export function projectPaths(dataDir: string, projectId: string): { root: string; workspace: string; home: string } {
	const root = join(dataDir, 'projects', projectId);
	return { root, workspace: join(root, 'workspace'), home: join(root, 'opencode') };
}
