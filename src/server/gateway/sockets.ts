import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../errors.ts';
import { keep, readKept } from './kept.ts';

/** A socket's path has at most this many bytes, on every system that doce runs on. */
const LONGEST_PATH = 100;
/** Short, so that a long path of the folder for sockets still fits. */
const NAME = 's';

/** The sockets that projects have to themselves: where they are, not what listens there. */
export type Sockets = {
	/** The path of a project's socket, alone in a folder of its own, which a fence can show, and nobody else look into. */
	add(projectId: string): Promise<string>;
	/** False when it had none. */
	remove(projectId: string): Promise<boolean>;
	removeAll(): Promise<void>;
	list(): { projectId: string; path: string }[];
};

/** `runtimeDir` is where this system keeps sockets of whoever runs doce, if it has such a place. */
export function createSockets({ dataDir, runtimeDir }: { dataDir: string; runtimeDir: string | undefined }): Sockets {
	const name = `doce-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 10)}`;
	const paths = new Map<string, string>();

	/**
	 * The folder that was used before comes first, whatever the system says now: what still runs after a restart of doce
	 * is bound to it. Wherever that is not to be had any more, another one is as good.
	 */
	async function folders(): Promise<string[]> {
		const before = await readKept(fileOf(dataDir));
		const usual = [runtimeDir, tmpdir()].flatMap((dir) => (dir === undefined ? [] : [join(dir, name)]));
		return [...new Set([...(before.endsWith(`/${name}`) ? [before] : []), ...usual])];
	}

	async function add(projectId: string): Promise<string> {
		const problems: AppError[] = [];
		for (const folder of await folders()) {
			const path = join(folder, projectId, NAME);
			const problem = problemOf(path);
			if (problem === undefined) {
				await keep(fileOf(dataDir), folder);
				paths.set(projectId, path);
				return path;
			}
			problems.push(problem);
		}
		throw problems[0] ?? new Error('There is no folder for sockets.');
	}

	async function remove(projectId: string): Promise<boolean> {
		const path = paths.get(projectId);
		if (path === undefined) return false;
		paths.delete(projectId);
		await rm(dirname(path), { recursive: true, force: true });
		return true;
	}

	return {
		add,
		remove,
		removeAll: async () => void (await Promise.all([...paths.keys()].map(remove))),
		list: () => [...paths].map(([projectId, path]) => ({ projectId, path })),
	};
}

/** Makes the folders that a socket lies in, the outer one ours alone; throws where that cannot be. */
export function makeFoldersOf(path: string): void {
	const own = dirname(path);
	makeOurs(dirname(own), 0o077);
	makeOurs(own, 0o066);
	// Containers that see this one alone may be another user than doce.
	chmodSync(own, 0o711);
}

function makeOurs(folder: string, forbidden: number): void {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	// In a shared place somebody else may have made it before.
	const found = lstatSync(folder);
	if (!found.isDirectory())
		throw new AppError('unavailable', `${folder} is not a folder. Remove it, then restart doce.`);
	if (found.uid !== process.getuid?.() || (found.mode & forbidden) !== 0)
		throw new AppError('unavailable', `${folder} is open to others. Remove it, then restart doce.`);
}

function problemOf(path: string): AppError | undefined {
	if (Buffer.byteLength(path) > LONGEST_PATH)
		return new AppError(
			'unavailable',
			`The path of a socket is too long: ${path}. Set XDG_RUNTIME_DIR to a shorter one.`,
		);
	try {
		makeFoldersOf(path);
		return undefined;
	} catch (error) {
		if (error instanceof AppError) return error;
		const { code, message } = error as NodeJS.ErrnoException;
		if (code === undefined) throw error;
		return new AppError('unavailable', `There is no place for a project’s socket: ${message}. Set XDG_RUNTIME_DIR.`);
	}
}

function fileOf(dataDir: string): string {
	return join(dataDir, 'gateway.sockets');
}
