import { createHash } from 'node:crypto';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../errors.ts';

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

export function createSockets(dataDir: string): Sockets {
	const folder = folderOf(dataDir);
	const paths = new Map<string, string>();

	async function remove(projectId: string): Promise<boolean> {
		const path = paths.get(projectId);
		if (path === undefined) return false;
		paths.delete(projectId);
		await rm(dirname(path), { recursive: true, force: true });
		return true;
	}

	return {
		async add(projectId) {
			const path = join(folder, projectId, NAME);
			if (Buffer.byteLength(path) > LONGEST_PATH)
				throw new AppError(
					'unavailable',
					`The path of a socket is too long: ${path}. Set XDG_RUNTIME_DIR to a shorter one.`,
				);
			await claim(folder);
			await mkdir(dirname(path), { recursive: true, mode: 0o700 });
			paths.set(projectId, path);
			return path;
		},
		remove,
		removeAll: async () => void (await Promise.all([...paths.keys()].map(remove))),
		list: () => [...paths].map(([projectId, path]) => ({ projectId, path })),
	};
}

/** The same for the same data folder, so that what still runs after a restart of doce finds it again. */
function folderOf(dataDir: string): string {
	const name = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 10);
	return join(process.env['XDG_RUNTIME_DIR'] || tmpdir(), `doce-${name}`);
}

/** Makes the folder ours, or throws: in a shared place somebody else may have made it before. */
async function claim(folder: string): Promise<void> {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const { uid, mode } = await lstat(folder).then((found) => {
		if (!found.isDirectory())
			throw new AppError('unavailable', `${folder} is not a folder. Remove it, then restart doce.`);
		return found;
	});
	if (uid !== process.getuid?.() || (mode & 0o077) !== 0)
		throw new AppError('unavailable', `${folder} is open to others. Remove it, then restart doce.`);
}
