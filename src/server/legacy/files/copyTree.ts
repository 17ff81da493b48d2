import { mkdir, open, readlink, realpath, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#server/errors.ts';
import { codeOf, contains, isUnreadable } from './paths.ts';
import { openInTree, walkTree } from './tree.ts';

export type LeftOut = { path: string; why: 'env' | 'key' | 'link' | 'special' | 'unreadable' };
export type Copied = { files: number; hadGit: boolean; leftOut: LeftOut[] };

/**
 * Copies a project's files: no `.env`, no packages, no git history, none of `withKeys`, no link that leads out, nothing
 * that is not a plain file. What is left out is named. `root` is a real path. Throws `AppError('unavailable')` when the
 * disk is full.
 */
export async function copyTree(root: string, target: string, withKeys: ReadonlySet<string>): Promise<Copied> {
	const copied: Copied = { files: 0, hadGit: false, leftOut: [] };
	const leaveOut = (path: string, why: LeftOut['why']): void => void copied.leftOut.push({ path, why });
	await mkdir(target, { recursive: true, mode: 0o755 });
	for await (const { path, kind } of walkTree(root)) {
		if (kind === 'folder') await mkdir(join(target, path), { mode: 0o755 });
		else if (kind === 'git') copied.hadGit = true;
		else if (withKeys.has(path)) leaveOut(path, 'key');
		else if (kind === 'link') await copyLink(root, target, path).then((done) => done || leaveOut(path, 'link'));
		else if (kind !== 'file') leaveOut(path, kind);
		else if (await copyFile(root, target, path)) copied.files += 1;
		else leaveOut(path, 'unreadable');
	}
	return copied;
}

/** A link stays one where it leads to something of the project, by a relative way. */
async function copyLink(root: string, target: string, path: string): Promise<boolean> {
	const place = join(root, path);
	try {
		const aim = resolve(dirname(place), await readlink(place));
		if (!contains(root, aim) || !contains(root, await realpath(place))) return false;
		await symlink(relative(dirname(place), aim), join(target, path));
		return true;
	} catch (error) {
		if (!isUnreadable(error)) throw error;
		return false;
	}
}

async function copyFile(root: string, target: string, path: string): Promise<boolean> {
	const source = await openInTree(root, path);
	if (source === undefined) return false;
	const { mode } = await source.stat();
	const file = await open(join(target, path), 'wx', (mode & 0o111) === 0 ? 0o644 : 0o755);
	try {
		await pipeline(source.createReadStream(), file.createWriteStream());
		return true;
	} catch (error) {
		if (codeOf(error) !== 'ENOSPC') throw error;
		throw new AppError('unavailable', "The disk is full: the projects' files do not fit. Nothing was taken over.", {
			cause: error,
		});
	}
}
