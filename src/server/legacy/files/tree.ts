import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isEnvFile } from './envFile.ts';
import { isUnreadable } from './paths.ts';

/** `path` is relative to the root; a folder comes before what is in it. */
export type TreeEntry = { path: string; kind: 'folder' | 'file' | 'env' | 'link' | 'special' | 'unreadable' | 'git' };

/** Made anew here, or, for git's objects, may hold an old `.env` that nobody finds in them. */
const SKIPPED = new Set(['node_modules', '.git']);

/** Everything in a project's folder but its packages and git's own files. Links are named and not followed. */
export async function* walkTree(root: string): AsyncGenerator<TreeEntry> {
	const folders = [''];
	for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
		const entries = await readFolder(root, folder);
		if (entries === undefined) {
			yield { path: folder, kind: 'unreadable' };
			continue;
		}
		if (folder !== '') yield { path: folder, kind: 'folder' };
		for (const entry of entries) {
			const path = join(folder, entry.name);
			if (entry.name === '.git') yield { path, kind: 'git' };
			if (SKIPPED.has(entry.name)) continue;
			if (entry.isDirectory()) folders.push(path);
			else if (entry.isSymbolicLink()) yield { path, kind: 'link' };
			else if (!entry.isFile()) yield { path, kind: 'special' };
			else yield { path, kind: isEnvFile(entry.name) ? 'env' : 'file' };
		}
	}
}

/** Opens a file of the tree, itself and not what a link leads to; undefined when it cannot be read. */
export async function openInTree(root: string, path: string): Promise<FileHandle | undefined> {
	const place = join(root, path);
	try {
		const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		// A folder on the way may have been swapped for a link since it was read.
		if ((await file.stat()).isFile() && (await realpath(dirname(place))) === dirname(place)) return file;
		await file.close();
	} catch (error) {
		if (!isUnreadable(error)) throw error;
	}
	return undefined;
}

async function readFolder(root: string, folder: string) {
	const place = join(root, folder);
	try {
		if ((await realpath(place)) !== place) return undefined;
		const entries = await readdir(place, { withFileTypes: true });
		return entries.sort((one, other) => one.name.localeCompare(other.name, 'en'));
	} catch (error) {
		if (!isUnreadable(error)) throw error;
	}
	return undefined;
}
