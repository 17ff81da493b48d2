import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync } from 'node:fs';
import { AppError } from '#server/errors.ts';
import type { User } from './order/spec.ts';

/** Whom containers of a doce that is root run as: nobody on this machine. The same as in the images. */
const PROJECT_USER: User = { uid: 10_001, gid: 10_001 };

/** Containers run as who owns the files: doce's own user; for a doce that is root, one that is nobody here. */
export function containerUser({ uid, gid }: User): User {
	return uid === 0 ? PROJECT_USER : { uid, gid };
}

/**
 * Gives folders with all that is in them to the user of the containers, where that is another one than doce's: for a
 * doce that is root. Nothing of the project may run meanwhile. Links are given away as links.
 */
export async function handOver({ uid, gid }: User, folders: readonly string[]): Promise<void> {
	if (process.getuid?.() !== 0 || folders.length === 0) return;
	const child = spawn('chown', ['-hR', `${uid}:${gid}`, '--', ...folders], { stdio: ['ignore', 'ignore', 'pipe'] });
	let complaint = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		complaint = (complaint + text).slice(0, 1_000);
	});
	const [code] = (await once(child, 'close')) as [number | null];
	if (code === 0) return;
	const words = 'The files of a project could not be given to the user that its containers run as.';
	throw new AppError('unavailable', words, { cause: new Error(`chown ended with ${code}: ${complaint}`) });
}

/** One folder of ours that a container makes its socket in. */
export function handOverFolder({ uid, gid }: User, folder: string): void {
	if (process.getuid?.() !== 0) return;
	chownSync(folder, uid, gid);
	chmodSync(folder, 0o700);
}
