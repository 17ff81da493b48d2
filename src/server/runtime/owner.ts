import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync } from 'node:fs';
import { AppError } from '#server/errors.ts';
import type { RuntimeSpec } from './runtime.ts';

/** Who a project's processes are. */
export type User = { uid: number; gid: number };

/** Every folder that a process of the project writes to. */
export function writtenBy({ access, processes }: Pick<RuntimeSpec, 'access' | 'processes'>): string[] {
	return [...access.write, ...processes.flatMap(({ own }) => own?.write ?? [])];
}

/**
 * Gives folders with all that is in them to a user: for a doce that is root, since others are who they are. Nothing of
 * the project may run meanwhile. Links are given away as links.
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
	const words = 'The files of a project could not be given to the user that it runs as.';
	throw new AppError('unavailable', words, { cause: new Error(`chown ended with ${code}: ${complaint}`) });
}

/**
 * Takes back what containers had: root behind a fence can write to nothing that is another user's. Nothing of the project
 * may run, and none of the folders' own paths may lead through a link.
 */
export async function takeBack(folders: readonly string[]): Promise<void> {
	const others = folders.filter((folder) => (lstatSync(folder, { throwIfNoEntry: false })?.uid ?? 0) !== 0);
	await handOver({ uid: 0, gid: 0 }, others);
}
