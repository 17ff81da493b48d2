import { dirname, join } from 'node:path';
import { AppError } from '#server/errors.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { requirePlainFolders } from '../paths.ts';
import { isUnshared, noteUnshared } from './modules.ts';

/** Has to be shown by a fence, or be part of an image. */
export const ownFilesProgram = join(import.meta.dirname, 'ownFiles.js');
const TIMEOUT_MS = 5 * 60_000;

/**
 * Sees to it that a site that was made without a fence shares no file with others behind one; once, and quick the next
 * time. What its agent left there may lead anywhere, so that it is the fence that does it.
 */
export async function unshareFiles(
	runtime: Pick<Runtime, 'run'>,
	{ projectId, workspace }: { projectId: string; workspace: string },
): Promise<void> {
	if (isUnshared(workspace)) return;
	await requirePlainFolders(dirname(workspace), [workspace]);
	const command = { argv: [process.execPath, ownFilesProgram], env: {}, cwd: workspace };
	const access = { write: [workspace], read: [ownFilesProgram], destinations: [], ports: [] };
	const { exitCode, stderr } = await runtime.run(projectId, command, access, AbortSignal.timeout(TIMEOUT_MS));
	if (exitCode !== 0) {
		const words = 'The site shares files with others, and could not be given its own. Is the disk full?';
		throw new AppError('unavailable', words, { cause: new Error(`It ended with ${exitCode}: ${stderr}`) });
	}
	noteUnshared(workspace);
}
