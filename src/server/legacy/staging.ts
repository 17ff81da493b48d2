import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ImportedProjectLine } from '#shared/legacy.ts';
import { projectPaths } from '../projects/paths.ts';
import { type Copied, copyTree, type LeftOut } from './files/copyTree.ts';
import type { OldFolder } from './files/folders.ts';
import type { KeyFile } from './keys/keyFiles.ts';
import type { LegacyProject } from './source/rows.ts';

/** A project's files, copied and waiting to become its workspace. */
export type Staged = {
	workspace: NonNullable<ImportedProjectLine['workspace']>;
	/** Where the copy is; undefined when there is nothing to copy. */
	copy: string | undefined;
	notes: string[];
};

/** How many paths a note lists. */
const MAX_NAMED = 5;

/** Copies a project's old files into `room`, but for those that hold a key. */
export async function stage(
	room: string,
	project: LegacyProject,
	{ found, keyFiles }: { found: OldFolder; keyFiles: KeyFile[] },
): Promise<Staged> {
	if (found.kind === 'missing') {
		const place = project.path === '' ? 'in the old data folder' : `at ${project.path}`;
		return { workspace: 'missing', copy: undefined, notes: [`Its files were not found ${place}.`] };
	}
	if (found.kind === 'refused')
		return {
			workspace: 'refused',
			copy: undefined,
			notes: [`Its files at ${found.folder} were not taken: ${found.why}.`],
		};
	const copy = join(room, project.id);
	const copied = await copyTree(found.folder, copy, new Set(keyFiles.map(({ path }) => path)));
	if (copied.files > 0) return { workspace: 'copied', copy, notes: describe(copied, copy) };
	return { workspace: 'missing', copy: undefined, notes: [`Its folder ${found.folder} holds no files.`] };
}

/**
 * Puts the copies where their projects look for them, each at once. Nothing is awaited, so that it can be the last thing
 * in a transaction. Returns the way to take it back.
 */
export function placeWorkspaces(
	dataDir: string,
	staged: ReadonlyMap<string, Staged>,
	projectIds: string[],
): () => void {
	const placed: string[] = [];
	const undo = (): void => {
		for (const root of placed) rmSync(root, { recursive: true, force: true });
	};
	try {
		for (const projectId of projectIds) {
			const copy = staged.get(projectId)?.copy;
			if (copy === undefined) continue;
			const { root, workspace } = projectPaths(dataDir, projectId);
			// Of an import that was killed before it was stored.
			if (existsSync(root)) rmSync(root, { recursive: true });
			placed.push(root);
			mkdirSync(dirname(workspace), { recursive: true, mode: 0o700 });
			renameSync(copy, workspace);
		}
	} catch (error) {
		undo();
		throw error;
	}
	return undo;
}

const REASONS: Record<LeftOut['why'], string> = {
	env: 'files of secrets',
	key: 'files with a key in them',
	link: 'links that lead out or nowhere',
	special: 'what is no file',
	unreadable: 'what doce may not read',
};

function describe({ leftOut, hadGit }: Copied, copy: string): string[] {
	const reasons = [...new Set(leftOut.map(({ why }) => why))];
	const notes = reasons.map((reason) => {
		const paths = leftOut.filter(({ why }) => why === reason).map(({ path }) => path);
		const more = paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : '';
		return `Left out, as ${REASONS[reason]}: ${paths.slice(0, MAX_NAMED).join(', ')}${more}.`;
	});
	if (hadGit) notes.push('Its git history stays in the old folder; here it begins anew.');
	if (!existsSync(join(copy, 'package.json')))
		notes.push('It has no package.json: its first start puts the starter beside its files.');
	return notes;
}
