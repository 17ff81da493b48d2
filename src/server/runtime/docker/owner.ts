import { chmodSync, chownSync } from 'node:fs';
import type { User } from '../owner.ts';

/** Whom containers of a doce that is root run as: nobody on this machine. The same as in the images. */
const PROJECT_USER: User = { uid: 10_001, gid: 10_001 };

/** Containers run as who owns the files: doce's own user; for a doce that is root, one that is nobody here. */
export function containerUser({ uid, gid }: User): User {
	return uid === 0 ? PROJECT_USER : { uid, gid };
}

/** One folder of ours that a container makes its socket in. */
export function handOverFolder({ uid, gid }: User, folder: string): void {
	if (process.getuid?.() !== 0) return;
	chownSync(folder, uid, gid);
	chmodSync(folder, 0o700);
}
