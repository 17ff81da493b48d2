import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Config } from '#server/config.ts';

/** Of doce's own files, the programs that run inside a project's container; they lie in `/opt/doce/scripts/`. */
export const SCRIPTS = [
	'src/server/runtime/fence/entry.js',
	'src/server/runtime/fence/usage.js',
	'src/server/opencode/stored/removeEchoes.js',
	'src/server/projects/workspace/ownFiles.js',
] as const;

/** What the starter's packages are installed from. */
export const STARTER_FILES = ['templates/starter/package.json', 'templates/starter/package-lock.json'] as const;

/** What decides how the parts are put together. */
const RECIPE = [
	'docker/project.Dockerfile',
	'docker/stageProject.ts',
	'docker/packages.ts',
	'docker/files.ts',
] as const;

/** All files that decide what the image is. */
export const IMAGE_FILES = [...RECIPE, ...SCRIPTS, ...STARTER_FILES] as const;

const packageFile = z.object({
	version: z.string(),
	optionalDependencies: z.record(z.string(), z.string()),
});

const ROOT = resolve(import.meta.dirname, '../../../..');

/** The image that projects run from, as configured. */
export function imageOf({ projectImage: named }: Pick<Config, 'projectImage'>): string {
	return named ?? projectImage(ROOT);
}

/** The versions that doce pins, for one processor (`x64`, `arm64`). */
export type Versions = { doce: string; node: string; openCode: string };

/**
 * The name of the image that projects run in. Its tag is a hash of all that goes into it, so that every clone of the
 * same version finds the image that one of them has built. `root` is doce's folder.
 */
export function projectImage(root: string, arch: string = process.arch): string {
	const hash = createHash('sha256');
	const add = (name: string, content: string | Buffer) => hash.update(`${name}\0${content.length}\0`).update(content);
	for (const file of IMAGE_FILES) add(file, readFileSync(join(root, file)));
	const { node, openCode } = pinnedVersions(root, arch);
	for (const [name, value] of Object.entries({ node, openCode, arch })) add(name, value);
	return `doce-project:${hash.digest('hex').slice(0, 16)}`;
}

/** Throws when the package file names no version for this processor. */
export function pinnedVersions(root: string, arch: string = process.arch): Versions {
	const { version, optionalDependencies } = packageFile.parse(
		JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
	);
	const pinned = (name: string) => {
		const found = optionalDependencies[`${name}-linux-${arch}`];
		if (found === undefined) throw new Error(`package.json pins no ${name} for linux on ${arch}`);
		return found;
	};
	return { doce: version, node: pinned('node'), openCode: pinned('opencode') };
}
