import { lstat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { AppError } from '#server/errors.ts';

/** The folder that containers may be shown parts of: as Docker names it, and where we see it. */
export type Folder = { source: string; seenAt: string };

/**
 * Makes sure that the path, which Docker will go along as root, is what it looks like: Docker would follow a link out of
 * the folder. Throws `AppError('forbidden')`.
 */
export async function requirePlainPath({ source, seenAt }: Folder, path: string): Promise<void> {
	const parts = relative(source, path).split('/');
	if (!path.startsWith(`${source}/`) || parts.includes('..')) throw new AppError('forbidden', `${path} is elsewhere.`);
	let at = seenAt;
	for (const part of parts) {
		at = join(at, part);
		const found = await lstat(at).catch(() => undefined);
		if (found === undefined) throw new AppError('forbidden', `${path} is not there, so no container can be shown it.`);
		if (!found.isDirectory() && !found.isFile()) {
			throw new AppError('forbidden', `${path} is, or goes through, a link or a device.`);
		}
	}
}
