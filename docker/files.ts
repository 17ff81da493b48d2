import { chmod, lstat, lutimes, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** One time for every file, so that the same files make the same layers. */
const TIME = new Date('2000-01-01T00:00:00Z');

/** Everybody may read everything, nobody may write anything but folders' owners, and no time tells when it was made. */
export async function normalise(folder: string): Promise<void> {
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		if (entry.isDirectory()) await chmod(path, 0o755);
		else if (entry.isFile()) await chmod(path, ((await lstat(path)).mode & 0o111) === 0 ? 0o444 : 0o555);
		await lutimes(path, TIME, TIME);
	}
	await chmod(folder, 0o755);
	await lutimes(folder, TIME, TIME);
}
