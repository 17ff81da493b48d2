import type { Db } from '../db/client.ts';
import { listProjectIds } from '../projects/importedProjects.ts';
import type { Secret } from '../secret.ts';
import { findOldFolder, type OldFolder } from './files/folders.ts';
import { findKeyFiles, type KeyFile } from './keys/keyFiles.ts';
import type { LegacyProject } from './source/rows.ts';
import type { Source } from './source/source.ts';

/** A project's old folder, with the files in it that hold a key. */
export type OldProject = { project: LegacyProject; found: OldFolder; keyFiles: KeyFile[] };

/**
 * Where each project's files are, also those of deleted ones: their `.env` may still be there. `known` are keys that the
 * old database holds no more, but its files may.
 */
export async function findOldProjects(
	db: Db,
	dataDir: string,
	source: Source,
	known: readonly Secret[],
): Promise<OldProject[]> {
	const own = await listProjectIds(db);
	const around = { dataFolder: source.folder, dataDir, isOwnProject: (name: string) => own.has(name) };
	const keys = [...known, ...source.people.flatMap(({ key }) => key ?? [])];
	const old: OldProject[] = [];
	for (const project of source.projects) {
		const found = await findOldFolder(project, around);
		const keyFiles = found.kind === 'found' ? await findKeyFiles(found.folder, keys) : [];
		old.push({ project, found, keyFiles });
	}
	return old;
}
