import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '#server/errors.ts';
import type { ProcessName } from '../runtime.ts';

/** Without its closing zero, the longest path that a unix socket may have. */
const LONGEST_PATH = 107;
/** What each process calls its socket, in the one folder that it writes to. */
export const OUT_SOCKET = 'out.sock';
/** The longest name below the root: a project's folder, that of a process, and its socket. */
const LONGEST_NAME = join('/', 'x'.repeat(26), 'opencode', OUT_SOCKET).length;
const POLL_MS = 20;
/** Others may go through to what they know the name of. */
const PASSABLE = 0o711;

/** Where the sockets of one project lie on this machine. */
export type SocketPlaces = {
	folder: string;
	/** Sockets of ours; the fence sees the folder and cannot write to it. */
	in: string;
	proxy: string;
};

/** Makes the folder for the sockets of a runtime folder: in it, or in /tmp when that path is too long. */
export function openSocketRoot(dir: string): string {
	const inside = join(dir, 'fence');
	const name = createHash('sha256').update(dir).digest('hex').slice(0, 12);
	const isShort = inside.length + LONGEST_NAME <= LONGEST_PATH;
	const root = isShort ? inside : join('/tmp', `doce-${process.getuid?.() ?? 0}-${name}`);
	mkdirSync(root, { recursive: true, mode: 0o700 });
	const { uid, mode } = lstatSync(root);
	if (!lstatSync(root).isDirectory() || uid !== process.getuid?.() || (mode & 0o77) !== 0) {
		throw new AppError('unavailable', `${root} is not a private folder of doce's user. Remove it, then start again.`);
	}
	return root;
}

export function placesOf(root: string, projectId: string): SocketPlaces {
	const short = projectId.length <= 26 ? projectId : createHash('sha256').update(projectId).digest('hex').slice(0, 26);
	const folder = join(root, short);
	return { folder, in: join(folder, 'in'), proxy: join(folder, 'in', 'proxy.sock') };
}

/** Where a process makes its socket. Its fence writes here what it likes, and no other fence sees it. */
export function outFolder(places: SocketPlaces, name: ProcessName): string {
	return join(places.folder, name);
}

/** Where doce reaches a process: outside of what the fence can write to. */
export function publishedSocket(places: SocketPlaces, name: ProcessName): string {
	return join(places.folder, `${name}.sock`);
}

export function makeSocketFolders(places: SocketPlaces): void {
	makePrivate(places.folder);
	makePrivate(places.in);
	// Nobody else comes this far; but the containers of a doce that is root, which see this folder alone, are not root.
	chmodSync(places.in, PASSABLE);
}

/** Makes the folders, and takes away what an earlier process of this name left. */
export function clearSockets(places: SocketPlaces, name: ProcessName): void {
	makeSocketFolders(places);
	rmSync(publishedSocket(places, name), { force: true });
	discard(outFolder(places, name), dirname(places.folder));
	makePrivate(outFolder(places, name));
}

/** Removes all of a project that no longer runs. */
export function removeSockets(places: SocketPlaces): void {
	discard(places.folder, dirname(places.folder));
}

/**
 * Gives the process's socket a second name as soon as it exists. The first one lies where the project writes: it could
 * become a link to any socket of this machine, and doce would connect to that.
 */
export function publishSocket(places: SocketPlaces, name: ProcessName, isAlive: () => boolean): void {
	const [source, target] = [join(outFolder(places, name), OUT_SOCKET), publishedSocket(places, name)];
	const timer = setInterval(() => {
		if (!isAlive() || isSocket(target)) clearInterval(timer);
		else if (linked(source, target)) clearInterval(timer);
	}, POLL_MS).unref();
}

/** Whether the second name is there. What the fence does with the first one meanwhile is its own affair. */
function linked(source: string, target: string): boolean {
	try {
		if (!isSocket(source)) return false;
		linkSync(source, target);
	} catch (error) {
		if (!isOfSystem(error)) throw error;
		return false;
	}
	// What was linked is what counts: the source may have changed since it was looked at.
	if (isSocket(target)) return true;
	rmSync(target, { force: true });
	return false;
}

function isSocket(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

function makePrivate(folder: string): void {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	chmodSync(folder, 0o700);
}

/**
 * A fence may leave folders that cannot be looked into, or that lie deeper than a path is long. Whatever happens, the
 * place itself is free afterwards. The processes that wrote here have ended.
 */
function discard(path: string, root: string): void {
	if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
	const away = join(root, `left-${randomUUID()}`);
	renameSync(path, away);
	try {
		openUp(away);
		rmSync(away, { recursive: true, force: true });
	} catch (error) {
		if (!isOfSystem(error)) throw error;
	}
}

function openUp(folder: string): void {
	chmodSync(folder, 0o700);
	for (const entry of readdirSync(folder, { withFileTypes: true }))
		if (entry.isDirectory()) openUp(join(folder, entry.name));
}

function isOfSystem(error: unknown): boolean {
	return error instanceof Error && 'code' in error;
}
