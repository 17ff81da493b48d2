import { type Dirent, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files below `dir` that contain one of `needles`, links not followed. */
export function findInFiles(dir: string, needles: string[]): string[] {
	// A folder that is not there holds nothing, and proves nothing.
	statSync(dir);
	return listFiles(dir).filter((file) => contains(readIfThere(file), needles));
}

/** `environ` and `cmdline` entries of these processes that contain one of `needles`. */
export function findInProcesses(pids: number[], needles: string[]): string[] {
	const places = pids.flatMap((pid) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`]);
	return places.filter((place) => contains(readIfThere(place), needles));
}

/** Empty for a process that has ended, and a file that has been moved, meanwhile. */
function readIfThere(place: string): Buffer {
	return ifThere(() => readFileSync(place)) ?? Buffer.alloc(0);
}

function ifThere<T>(look: () => T): T | undefined {
	try {
		return look();
	} catch (error) {
		if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
		throw error;
	}
}

/** A secret in the ways it is usually written down. */
export function encodings(secret: string): string[] {
	const bytes = Buffer.from(secret);
	return [
		secret,
		bytes.toString('base64').replaceAll('=', ''),
		bytes.toString('base64url'),
		bytes.toString('hex'),
		encodeURIComponent(secret),
		[...secret].reverse().join(''),
	];
}

export function contains(content: Buffer | string, needles: string[]): boolean {
	return needles.some((needle) => content.includes(needle));
}

function listFiles(dir: string): string[] {
	return (ifThere(() => readdirSync(dir, { withFileTypes: true })) ?? []).flatMap((entry: Dirent) => {
		const path = join(dir, entry.name);
		if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listFiles(path);
		return ifThere(() => lstatSync(path))?.isFile() ? [path] : [];
	});
}
