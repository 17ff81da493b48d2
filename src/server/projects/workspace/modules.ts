import {
	chmodSync,
	constants,
	copyFileSync,
	type Dirent,
	existsSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readlinkSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Where file systems cannot link (another disk, no permission, too many links to one file) a copy does. */
const NO_LINK = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS', 'EACCES'];
const FILES_PER_TURN = 250;
const COPIES_AT_ONCE = 16;

/**
 * Gives a workspace its own `node_modules`: real folders, so that packages can be added, with files shared by hard links.
 * npm rewrites its hidden files in place, so those are copied.
 */
export async function linkModules(from: string, to: string): Promise<void> {
	let files = 0;
	for (const { path, entry } of walk(from, (folder) => mkdirSync(join(to, folder), { recursive: true }))) {
		const [source, target] = [join(from, path), join(to, path)];
		if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
		else if (entry.name === path && path.startsWith('.')) copyFileWritable(source, target);
		else linkOrCopy(source, target);
		// The calls block, as they must to be this quick; others get their turn in between.
		if (++files % FILES_PER_TURN === 0) await nextTurn();
	}
}

/** The same with files that nobody shares: what one site's agent writes into them, another site would run. */
export async function copyModules(from: string, to: string): Promise<void> {
	let waiting: Promise<void>[] = [];
	for (const { path, entry } of walk(from, (folder) => mkdirSync(join(to, folder), { recursive: true }))) {
		const [source, target] = [join(from, path), join(to, path)];
		if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
		else waiting.push(copyPrivate(source, target));
		if (waiting.length < COPIES_AT_ONCE) continue;
		await Promise.all(waiting);
		waiting = [];
	}
	await Promise.all(waiting);
}

/** Takes the place of shared files in a workspace that was made with them; once, and quick the next time. */
export async function unshareModules(workspace: string): Promise<void> {
	const modules = join(workspace, 'node_modules');
	if (existsSync(markOf(workspace)) || !existsSync(modules)) return;
	let files = 0;
	for (const { path, entry } of walk(modules, () => undefined)) {
		if (entry.isFile() && statSync(join(modules, path)).nlink > 1) replaceByCopy(join(modules, path));
		if (++files % FILES_PER_TURN === 0) await nextTurn();
	}
	noteUnshared(workspace);
}

/** Notes that a workspace shares none of its packages' files. */
export function noteUnshared(workspace: string): void {
	writeFileSync(markOf(workspace), '', { mode: 0o600 });
}

/** Notes that it may share some again. */
export function noteShared(workspace: string): void {
	rmSync(markOf(workspace), { force: true });
}

function markOf(workspace: string): string {
	return join(dirname(workspace), 'own-packages');
}

/** Every file and link below a folder, as paths from there; tells of each folder before what is in it. */
function* walk(top: string, onFolder: (path: string) => void): Generator<{ path: string; entry: Dirent }> {
	const folders = [''];
	for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
		onFolder(folder);
		for (const entry of readdirSync(join(top, folder), { withFileTypes: true })) {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) folders.push(path);
			else yield { path, entry };
		}
	}
}

function linkOrCopy(source: string, target: string): void {
	try {
		linkSync(source, target);
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && NO_LINK.includes(String(error.code)))) throw error;
		copyFileWritable(source, target);
	}
}

/** A copy belongs to the workspace alone, so it may be written. */
function copyFileWritable(source: string, target: string): void {
	copyFileSync(source, target, constants.COPYFILE_FICLONE);
	chmodSync(target, statSync(source).mode | 0o200);
}

async function copyPrivate(source: string, target: string): Promise<void> {
	await copyFile(source, target, constants.COPYFILE_FICLONE);
	await chmod(target, statSync(source).mode | 0o200);
}

function replaceByCopy(file: string): void {
	copyFileWritable(file, `${file}.own`);
	renameSync(`${file}.own`, file);
}
