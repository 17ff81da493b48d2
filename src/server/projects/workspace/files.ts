import { type FileHandle, lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { AppError } from '#server/errors.ts';
import { isAbsent, NotPlain, openPlain, readBounded } from '#server/plainFiles.ts';
import type { FileEntry } from '#shared/projects.ts';

const MASK = '••••';
const MAX_ENTRIES = 5_000;
const MAX_FILE_BYTES = 512 * 1024;
/** Made by tools, large, and of no interest to the person. */
export const HIDDEN = new Set(['node_modules', '.git', '.astro', 'dist']);

/**
 * The site's files and folders, parents before children, at most 5,000. Links are left out. Sizes are bytes.
 * Throws `AppError('not_found')` when the workspace does not exist yet.
 */
export async function listFiles(root: string): Promise<FileEntry[]> {
	const entries: FileEntry[] = [];
	const folders = [''];
	for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
		for (const entry of await readFolder(root, folder)) {
			if (entries.length >= MAX_ENTRIES) return entries;
			entries.push(entry);
			if (entry.kind === 'folder') folders.push(entry.path);
		}
	}
	return entries;
}

/**
 * A text file of the site, given its relative path. Values in `.env` files are masked.
 * Throws `AppError('invalid')` for what is not text, too large or not the site's, `AppError('not_found')` for what is gone.
 */
export async function readFile(root: string, path: string): Promise<string> {
	const content = decode(await readContent(root, path, MAX_FILE_BYTES));
	return basename(path).toLowerCase().startsWith('.env') ? maskValues(content) : content;
}

/** The bytes of a file of the site; throws as `readFile` does. */
export async function readContent(root: string, path: string, most: number): Promise<Buffer> {
	const file = await openInside(root, checkPath(path));
	try {
		const content = await readBounded(file, most);
		if (content !== undefined) return content;
		throw new AppError('invalid', 'The file is larger than 512 KB and is not shown.');
	} finally {
		await file.close();
	}
}

async function readFolder(root: string, folder: string): Promise<FileEntry[]> {
	try {
		const found = await readdir(join(root, folder), { withFileTypes: true });
		const shown = found
			.filter((entry) => !HIDDEN.has(entry.name) && (entry.isFile() || entry.isDirectory()))
			.sort((a, b) => a.name.localeCompare(b.name, 'en'))
			.slice(0, MAX_ENTRIES);
		return await Promise.all(
			shown.map(async (entry): Promise<FileEntry> => {
				const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
				return entry.isDirectory()
					? { path, kind: 'folder', size: 0 }
					: { path, kind: 'file', size: (await lstatOrGone(join(root, path)))?.size ?? 0 };
			}),
		);
	} catch (error) {
		// The agent may remove a folder while we look; the root's absence is another matter.
		if (!isAbsent(error)) throw error;
		if (folder === '') throw new AppError('not_found', 'The project has no files yet.', { cause: error });
		return [];
	}
}

function checkPath(path: string): string {
	const parts = path.split('/');
	const odd =
		path.includes('\0') || path.includes('\\') || parts.some((part) => part === '' || part === '.' || part === '..');
	if (odd || path.length > 1_000) {
		throw new AppError('invalid', 'Name a file of the site by its path, such as src/pages/index.astro.');
	}
	const hidden = parts.find((part) => HIDDEN.has(part));
	if (hidden !== undefined) throw new AppError('invalid', `Files in ${hidden} are made by tools and are not shown.`);
	return path;
}

/** Opens without following a link at the end, and only if the file really is where its path says, under the root. */
async function openInside(root: string, path: string): Promise<FileHandle> {
	const target = join(root, path);
	const parent = await realFolder(root, dirname(target));
	const place = join(parent, basename(target));
	const file = await openShown(place);
	try {
		const opened = await file.stat();
		// A folder on the way may have been swapped for a link since: then its real place holds another file.
		const there = await lstatOrGone(join(await realFolder(root, dirname(target)), basename(target)));
		if (there?.ino !== opened.ino || there.dev !== opened.dev) {
			throw new AppError('invalid', `${path} is not a file of the site.`);
		}
		return file;
	} catch (error) {
		await file.close();
		throw error;
	}
}

async function realFolder(root: string, folder: string): Promise<string> {
	try {
		const [realRoot, real] = await Promise.all([realpath(root), realpath(folder)]);
		if (real === realRoot || real.startsWith(realRoot + sep)) return real;
	} catch (error) {
		throw isAbsent(error) ? gone(error) : error;
	}
	throw new AppError('invalid', 'The path leads out of the site.');
}

async function openShown(place: string): Promise<FileHandle> {
	try {
		return await openPlain(place);
	} catch (error) {
		if (isAbsent(error)) throw gone(error);
		if (!(error instanceof NotPlain)) throw error;
		throw new AppError('invalid', 'Links and special files are not shown.', { cause: error });
	}
}

function decode(content: Buffer): string {
	try {
		if (!content.includes(0)) return new TextDecoder('utf-8', { fatal: true }).decode(content);
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
	}
	throw new AppError('invalid', 'The file is not text and is not shown.');
}

/** Keeps names and comments; whatever might be a value, or the rest of one, is hidden. */
function maskValues(content: string): string {
	let quote: string | undefined;
	const mask = (line: string) => {
		if (quote !== undefined) {
			if (line.includes(quote)) quote = undefined;
			return MASK;
		}
		if (/^\s*(#[^=]*)?$/.test(line)) return line;
		const [, name, value = ''] = /^(\s*#?\s*(?:export\s+)?[A-Za-z_]\w{0,63}\s*=)\s*(.*)$/.exec(line) ?? [];
		const opening = /^["'`]/.exec(value)?.[0];
		if (opening !== undefined && !value.slice(1).includes(opening)) quote = opening;
		// Nothing after the sign: that may just as well be the end of a key in base64.
		return name === undefined || /^=*\s*$/.test(value) ? MASK : name + MASK;
	};
	return content.split('\n').map(mask).join('\n');
}

async function lstatOrGone(path: string) {
	try {
		return await lstat(path);
	} catch (error) {
		if (isAbsent(error)) return undefined;
		throw error;
	}
}

function gone(cause: unknown): AppError {
	return new AppError('not_found', 'There is no such file. It may have been moved or removed.', { cause });
}
