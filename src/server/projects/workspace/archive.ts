import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Zip, ZipDeflate } from 'fflate';
import { AppError } from '#server/errors.ts';
import { isAbsent } from '#server/plainFiles.ts';
import { findLeaks } from '../../auth/leakguard/findLeaks.ts';
import type { Scrubber } from '../../auth/leakguard/scrubber.ts';
import { HIDDEN, readContent } from './files.ts';

/** An export is made in memory. */
const [MOST_FILES, MOST_BYTES] = [10_000, 100 * 1024 * 1024];
/** The names of the first files that carry a secret; the others are counted. */
const NAMED = 10;

/** Kept out of an export whatever is in them: they are there to hold secrets. Examples of them are not. */
const PRIVATE = /^(\.env(\..*)?|\.npmrc|\.netrc|\.git-credentials|auth\.json|.*\.(pem|key|p12|pfx))$/i;
const EXAMPLE = /\.(example|sample|template)$/i;

type Entry = { path: string; content: Buffer };

/**
 * The site as a zip file, without what tools have made, without links, and without files for secrets. Throws
 * `AppError('conflict')` when another file carries one of the person's secrets, and names it.
 */
export async function packWorkspace(root: string, scrubber: Pick<Scrubber, 'isIn'>): Promise<Uint8Array> {
	const entries = await readAll(root);
	const leaks = await findLeaks(scrubber, entries);
	if (leaks.length > 0) throw new AppError('conflict', describeLeaks(leaks));
	return pack(entries);
}

function describeLeaks(leaks: string[]): string {
	const more = leaks.length - NAMED;
	const names = leaks.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
	const [subject, it] = leaks.length === 1 ? ['This file carries', 'it'] : ['These files carry', 'them'];
	return `${subject} one of your keys: ${names}. Ask the agent to remove the key from ${it}, then export again.`;
}

async function readAll(root: string): Promise<Entry[]> {
	const entries: Entry[] = [];
	let bytes = 0;
	for (const path of await listPaths(root)) {
		bytes += (await lstat(join(root, path))).size;
		if (entries.length >= MOST_FILES || bytes > MOST_BYTES)
			throw new AppError('conflict', 'The site is larger than 100 MB or 10,000 files: copy its folder instead.');
		entries.push({ path, content: await readContent(root, path, MOST_BYTES) });
	}
	return entries;
}

async function listPaths(root: string): Promise<string[]> {
	const paths: string[] = [];
	const folders = [''];
	for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
		const found = await readFolder(root, folder);
		for (const entry of found.sort((one, other) => one.name.localeCompare(other.name, 'en'))) {
			const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
			if (HIDDEN.has(entry.name) || isPrivate(entry.name)) continue;
			if (entry.isDirectory()) folders.push(path);
			else if (entry.isFile()) paths.push(path);
		}
	}
	return paths;
}

async function readFolder(root: string, folder: string): Promise<Dirent[]> {
	try {
		return await readdir(join(root, folder), { withFileTypes: true });
	} catch (error) {
		if (!isAbsent(error)) throw error;
		if (folder === '') throw new AppError('not_found', 'The project has no files yet.', { cause: error });
		// The agent has removed it meanwhile.
		return [];
	}
}

function isPrivate(name: string): boolean {
	return PRIVATE.test(name) && !EXAMPLE.test(name);
}

/** One file after another, so that others get their turn in between. */
async function pack(entries: readonly Entry[]): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	const zip = new Zip((error, chunk) => {
		if (error) throw error;
		chunks.push(chunk);
	});
	for (const { path, content } of entries) {
		const file = new ZipDeflate(path, { level: 6 });
		zip.add(file);
		file.push(content, true);
		await nextTurn();
	}
	zip.end();
	return Buffer.concat(chunks);
}
