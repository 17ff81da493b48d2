import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { AppError } from '#server/errors.ts';

/** Where the engine finds a folder that we see at `path`. Throws `AppError('unavailable')` when it cannot see it. */
export type HostPath = (path: string) => string;

export type MountPoint = { Source?: string; Destination?: string };

/** The id of the container that this process runs in; undefined outside of one. */
export function ownContainerId(mountInfo = readFileSync('/proc/self/mountinfo', 'utf8')): string | undefined {
	// Docker puts these files of a container's own over those of its image, and over no other path.
	return /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf) \/etc\//.exec(mountInfo)?.[1];
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
			if (inside !== '..' && !inside.startsWith('../')) return `${to}/${inside}`;
		}
		throw new AppError(
			'unavailable',
			`${path} is in no volume of doce's own container, so projects cannot be given it. Put DOCE_DATA_DIR and XDG_RUNTIME_DIR into one.`,
		);
	};
}
