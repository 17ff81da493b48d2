import { join } from 'node:path';
import type { Secret } from '#server/secret.ts';
import { keysIn } from '../files/envFile.ts';
import { openInTree, walkTree } from '../files/tree.ts';

/** A file of a project that holds a key in plain text. */
export type KeyFile = {
	/** Relative to the project's folder. */
	path: string;
	kind: 'env' | 'file';
	/** The keys that it names; one of the known keys elsewhere. */
	keys: Secret[];
};

/** Larger files are media, not where somebody writes a key; in bytes. */
const MAX_SEARCHED = 2 * 1024 * 1024;
/** A shorter text is no key, and might stand anywhere. */
const MIN_KEY_LENGTH = 8;

/** The files of a project's folder that hold a key: `.env` files with any, others with one of `known`. */
export async function findKeyFiles(folder: string, known: readonly Secret[]): Promise<KeyFile[]> {
	const searched = known.filter((key) => key.reveal().length >= MIN_KEY_LENGTH);
	const found: KeyFile[] = [];
	for await (const { path, kind } of walkTree(folder)) {
		if (kind !== 'env' && kind !== 'file') continue;
		const content = await readSmall(folder, path);
		if (content === undefined) continue;
		const named = kind === 'env' ? keysIn(content.toString('utf8')) : [];
		const held = searched.filter((key) => content.includes(key.reveal()));
		const keys = [...named, ...held.filter((key) => !named.some((other) => other.reveal() === key.reveal()))];
		if (keys.length > 0) found.push({ path, kind, keys });
	}
	return found;
}

/** The full path of a key file. */
export function placeOf(folder: string, file: KeyFile): string {
	return join(folder, file.path);
}

async function readSmall(folder: string, path: string): Promise<Buffer | undefined> {
	const file = await openInTree(folder, path);
	if (file === undefined) return undefined;
	try {
		return (await file.stat()).size > MAX_SEARCHED ? undefined : await file.readFile();
	} finally {
		await file.close();
	}
}
