import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files below `dir` that contain one of `needles`, links not followed. */
export function findInFiles(dir: string, needles: string[]): string[] {
	return listFiles(dir).filter((file) => contains(readFileSync(file), needles));
}

/** `environ` and `cmdline` entries of these processes that contain one of `needles`. */
export function findInProcesses(pids: number[], needles: string[]): string[] {
	const places = pids.flatMap((pid) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`]);
	return places.filter((place) => contains(readProcess(place), needles));
}

/** Empty for a process that has ended meanwhile. */
function readProcess(place: string): Buffer {
	try {
		return readFileSync(place);
	} catch (error) {
		if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return Buffer.alloc(0);
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
	return readdirSync(dir, { withFileTypes: true }).flatMap((entry: Dirent) => {
		const path = join(dir, entry.name);
		if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : listFiles(path);
		return lstatSync(path).isFile() ? [path] : [];
	});
}
