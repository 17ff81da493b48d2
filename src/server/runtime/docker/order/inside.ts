import { basename } from 'node:path';
import type { Access, Command } from '../../runtime.ts';
import { type Bind, SCRIPTS } from './spec.ts';

/** Programs of this machine by their path, with where the image has them. */
export type Programs = ReadonlyMap<string, string>;

/** What a command reaches: folders at their own path, and nothing of what the image brings itself. */
export function bindsOf({ write, read }: Pick<Access, 'write' | 'read'>, programs: Programs): Bind[] {
	return [
		...write.map((path) => ({ from: path, to: path, writable: true })),
		...read.filter((path) => !programs.has(path)).map((path) => ({ from: path, to: path, writable: false })),
	];
}

/** The same command, with the programs of the image. */
export function argvInside({ argv }: Pick<Command, 'argv'>, programs: Programs): string[] {
	return argv.map((part) => programs.get(part) ?? part);
}

/** Without those that lie in another one. */
export function outermost(folders: readonly string[]): string[] {
	return [...new Set(folders)].filter((folder) => !folders.some((other) => folder.startsWith(`${other}/`)));
}

/** Where the image has a program of our own. */
export function scriptInside(path: string): string {
	return `${SCRIPTS}/${basename(path)}`;
}
