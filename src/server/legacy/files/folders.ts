import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { LegacyProject } from '../source/rows.ts';
import { contains, isUnreadable } from './paths.ts';
import { openInTree } from './tree.ts';

/** Where a project's old files are, or why they are not taken. */
export type OldFolder =
	| { kind: 'found'; folder: string }
	| { kind: 'missing' }
	| { kind: 'refused'; folder: string; why: string };

export type Surroundings = {
	/** The folder the old database lies in. */
	dataFolder: string;
	/** doce's own data folder. */
	dataDir: string;
	/** Whether a name is the folder of one of doce's own projects. */
	isOwnProject(name: string): boolean;
};

/**
 * Finds a project's old folder: where the old application says, also when its data folder was moved since. The path
 * comes from the database, so what lies elsewhere must look like a project, and nothing of doce's own is taken.
 */
export async function findOldFolder(project: LegacyProject, around: Surroundings): Promise<OldFolder> {
	for (const candidate of candidatesFor(project, around.dataFolder)) {
		const folder = await realFolder(candidate);
		if (folder === undefined) continue;
		const why = await whyNot(folder, around);
		return why === undefined ? { kind: 'found', folder } : { kind: 'refused', folder, why };
	}
	return { kind: 'missing' };
}

function candidatesFor({ path, oldId }: LegacyProject, dataFolder: string): string[] {
	const projects = join(dataFolder, 'projects');
	if (path.trim() === '') return [join(projects, oldId)];
	const own = isAbsolute(path) ? [path] : [join(dataFolder, path), join(dirname(dataFolder), path)];
	return [...own, join(projects, basename(path))];
}

async function realFolder(path: string): Promise<string | undefined> {
	try {
		const real = await realpath(path);
		return (await stat(real)).isDirectory() ? real : undefined;
	} catch (error) {
		if (!isUnreadable(error)) throw error;
		return undefined;
	}
}

async function whyNot(
	folder: string,
	{ dataFolder, dataDir, isOwnProject }: Surroundings,
): Promise<string | undefined> {
	const [old, own] = await Promise.all([realpath(dataFolder), realpath(dataDir)]);
	if (contains(folder, own) || contains(folder, old)) return 'it holds more than one project';
	if (contains(own, folder)) {
		const [room, name = '', ...deeper] = relative(own, folder).split(sep);
		const isOld = room === 'projects' && name !== '' && deeper.length === 0 && !isOwnProject(name);
		if (!isOld) return "it is part of doce's own data";
	}
	if (contains(old, folder) || (await looksLikeProject(folder))) return undefined;
	return 'it lies outside of the old data folder and does not look like a project';
}

/** The old application put a package.json into each project, or an `.env` with its ports and key. */
async function looksLikeProject(folder: string): Promise<boolean> {
	if (existsSync(join(folder, 'package.json'))) return true;
	const file = await openInTree(folder, '.env');
	if (file === undefined) return false;
	try {
		return /^(OPENCODE_PORT|OPENROUTER_API_KEY)=/m.test(await file.readFile('utf8'));
	} finally {
		await file.close();
	}
}
