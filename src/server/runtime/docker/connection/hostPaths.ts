import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { AppError } from '#server/errors.ts';

/** Where the engine finds a folder that we see at `path`. Throws `AppError('unavailable')` when it cannot see it. */
export type HostPath = (path: string) => string;

export type MountPoint = { Source?: string | undefined; Destination?: string | undefined };

/** The id of the container that this process runs in; undefined outside of one. */
export function ownContainerId(mountInfo = ownMounts()): string | undefined {
	// Docker puts these files of a container's own over those of its image, and over no other path.
	return /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf) \/etc\//.exec(mountInfo)?.[1];
}

/**
 * A path by which this machine can tell the folder from those of other containers, which may all see theirs at the same
 * path; outside of a container the path itself.
 */
export function pathOnMachine(path: string, mountInfo = ownMounts()): string {
	if (ownContainerId(mountInfo) === undefined) return path;
	const mounts = mountInfo
		.split('\n')
		.map((line) => line.split(' ').slice(3, 5).map(unescaped))
		.flatMap(([Source, Destination]) => (Source && Destination ? [{ Source, Destination }] : []));
	return throughMounts(mounts)(path);
}

/** Nothing on a system that is not Linux; doce runs in no container there. */
function ownMounts(file = '/proc/self/mountinfo'): string {
	return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** As the kernel writes spaces and the like. */
function unescaped(text: string): string {
	return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Paths as the engine has them, for a doce that runs in a container with these mounts. */
export function throughMounts(mounts: readonly MountPoint[]): HostPath {
	const known = mounts
		.flatMap(({ Source, Destination }) => (Source && Destination ? [{ from: Destination, to: Source }] : []))
		.sort((a, b) => b.from.length - a.from.length);
	return (path) => {
		for (const { from, to } of known) {
			const inside = relative(from, path);
			if (inside === '') return to;
			if (inside !== '..' && !inside.startsWith('../')) return join(to, inside);
		}
		throw new AppError(
			'unavailable',
			`${path} is in no volume of doce's own container, so projects cannot be given it. Put DOCE_DATA_DIR and XDG_RUNTIME_DIR into one.`,
		);
	};
}
