import {
	closeSync,
	constants,
	copyFileSync,
	type Dirent,
	existsSync,
	fchmodSync,
	linkSync,
	mkdirSync,
	openSync,
	readdirSync,
	readlinkSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Where file systems cannot link (another disk, no permission, too many links to one file) a copy does. */
const NO_LINK = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS', 'EACCES'];
const NEW = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;
const AS_IT_IS = constants.O_RDONLY | constants.O_NOFOLLOW;
const FILES_PER_TURN = 250;
const COPIES_AT_ONCE = 16;

/**
 * Gives a workspace its own `node_modules`: real folders, so that packages can be added, with files shared by hard links.
 * npm rewrites its hidden files in place, so those are copied.
 */
export async function linkModules(from: string, to: string): Promise<void> {
	let files = 0;
	for (const { path, entry } of walk(from, (folder) => mkdirSync(join(to, folder), { recursive: folder === '' }))) {
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
	for (const { path, entry } of walk(from, (folder) => mkdirSync(join(to, folder), { recursive: folder === '' }))) {
		const [source, target] = [join(from, path), join(to, path)];
		if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
		else waiting.push(copyPrivate(source, target));
		if (waiting.length < COPIES_AT_ONCE) continue;
		await Promise.all(waiting);
		waiting = [];
	}
	await Promise.all(waiting);
}

/** Notes that a workspace shares none of its packages' files. */
export function noteUnshared(workspace: string): void {
	writeFileSync(markOf(workspace), '', { mode: 0o600 });
}

/** Whether it shares none. */
export function isUnshared(workspace: string): boolean {
	return existsSync(markOf(workspace));
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

/**
 * A copy belongs to the workspace alone, so it may be written. Nothing may be there before: what an agent put in its
 * place could be a link to any file of this machine.
 */
function copyFileWritable(source: string, target: string): void {
	copyFileSync(source, target, NEW);
	const copy = openSync(target, AS_IT_IS);
	try {
		fchmodSync(copy, statSync(source).mode | 0o200);
	} finally {
		closeSync(copy);
	}
}

async function copyPrivate(source: string, target: string): Promise<void> {
	await copyFile(source, target, NEW);
	const copy = await open(target, AS_IT_IS);
	try {
		await copy.chmod(statSync(source).mode | 0o200);
	} finally {
		await copy.close();
	}
}
