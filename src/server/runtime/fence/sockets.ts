import { createHash } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#server/errors.ts';
import type { ProcessName } from '../runtime.ts';

/** Without its closing zero, the longest path that a unix socket may have. */
const LONGEST_PATH = 107;
/** The longest name below the root: a project's folder, `out` and a socket. */
const LONGEST_NAME = join('/', 'x'.repeat(26), 'out', 'opencode.sock').length;
const POLL_MS = 20;

/** Where the sockets of one project lie on this machine. */
export type SocketPlaces = {
	folder: string;
	/** Sockets of ours; the fence sees the folder and cannot write to it. */
	in: string;
	proxy: string;
	/** Sockets of the project's processes; it writes here what it likes. */
	out: string;
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
	return { folder, in: join(folder, 'in'), proxy: join(folder, 'in', 'proxy.sock'), out: join(folder, 'out') };
}

/** Where doce reaches a process: outside of what the fence can write to. */
export function publishedSocket(places: SocketPlaces, name: ProcessName): string {
	return join(places.folder, `${name}.sock`);
}

export function makeSocketFolders(places: SocketPlaces): void {
	for (const folder of [places.folder, places.in, places.out]) {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		chmodSync(folder, 0o700);
	}
}

/** Makes the folders, and takes away what an earlier process of this name left. */
export function clearSockets(places: SocketPlaces, name: ProcessName): void {
	makeSocketFolders(places);
	rmSync(publishedSocket(places, name), { force: true });
	rmSync(join(places.out, `${name}.sock`), { force: true, recursive: true });
}

/**
 * Gives the process's socket a second name as soon as it exists. The first one lies where the project writes: it could
 * become a link to any socket of this machine, and doce would connect to that.
 */
export function publishSocket(places: SocketPlaces, name: ProcessName, isAlive: () => boolean): void {
	const [source, target] = [join(places.out, `${name}.sock`), publishedSocket(places, name)];
	const timer = setInterval(() => {
		if (!isAlive() || isSocket(target)) return clearInterval(timer);
		if (!isSocket(source)) return;
		clearInterval(timer);
		linkSync(source, target);
		// What was linked is what counts: the source may have changed since it was looked at.
		if (!isSocket(target)) rmSync(target, { force: true });
	}, POLL_MS).unref();
}

function isSocket(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}
