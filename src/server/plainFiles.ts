import { constants } from 'node:fs';
import { type FileHandle, lchown, lstat, open } from 'node:fs/promises';

/** So much more than a file's size is read, in bytes: it may grow, or be written anew, meanwhile. */
const SLACK = 4_096;

/** What lies there is a link, a pipe, a folder or the like, or may not be read. */
export class NotPlain extends Error {}

/**
 * Opens a file where somebody else may write: without following a link at its end, and without waiting, as the opening
 * of a pipe would, for ever. Throws `NotPlain`, and the system's own error when nothing is there.
 */
export async function openPlain(path: string): Promise<FileHandle> {
	const file = await openQuickly(path);
	try {
		if ((await file.stat()).isFile()) return file;
	} catch (error) {
		await file.close();
		throw error;
	}
	await file.close();
	throw new NotPlain('It is no file');
}

async function openQuickly(path: string): Promise<FileHandle> {
	try {
		return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (cause) {
		const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
		if (!['ELOOP', 'ENXIO', 'EACCES', 'EPERM'].includes(code)) throw cause;
		throw new NotPlain('It is a link, or cannot be read', { cause });
	}
}

/** What an open file holds; undefined when that is more than `most` bytes. */
export async function readBounded(file: FileHandle, most: number): Promise<Buffer | undefined> {
	const { size } = await file.stat();
	const buffer = Buffer.alloc(Math.min(size + SLACK, most + 1));
	let length = 0;
	for (;;) {
		const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
		length += bytesRead;
		if (length > most) return undefined;
		if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
	}
}

/** The text of a file where somebody else may write; undefined when there is none, or none that can be taken as one. */
export async function readPlain(path: string, most: number): Promise<string | undefined> {
	try {
		const file = await openPlain(path);
		try {
			return (await readBounded(file, most))?.toString('utf8');
		} finally {
			await file.close();
		}
	} catch (error) {
		if (error instanceof NotPlain || isAbsent(error)) return undefined;
		throw error;
	}
}

/** Whether a file or folder is not there, or not any more. */
export function isAbsent(error: unknown): boolean {
	return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Gives a file of ours to whom its folder belongs, who may be another one than doce where that is root. */
export async function giveToOwnerOf(folder: string, path: string): Promise<void> {
	if (process.getuid?.() !== 0) return;
	const { uid, gid } = await lstat(folder);
	if (uid !== 0) await lchown(path, uid, gid);
}
