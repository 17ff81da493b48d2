import { stat } from 'node:fs/promises';
import type { PlainKeyFile } from '#shared/moveIn.ts';

/**
 * The files that still hold keys in plain text after moving in: the one that was given, and the known places on this
 * server where one exists. They are not opened, and never deleted: that is for the person to do.
 */
export async function listPlainKeyFiles(
	known: readonly string[],
	fileName: string | undefined,
): Promise<PlainKeyFile[]> {
	const existing = await Promise.all(known.map(async (path) => ((await isFile(path)) ? [path] : [])));
	return [
		...(fileName === undefined ? [] : [{ path: fileName, where: 'given' as const }]),
		...existing.flat().map((path) => ({ path, where: 'server' as const })),
	];
}

async function isFile(path: string): Promise<boolean> {
	try {
		return (await stat(path)).isFile();
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return false;
		throw error;
	}
}
