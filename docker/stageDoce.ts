import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { IMAGE_FILES, pinnedVersions } from '#server/runtime/docker/image.ts';
import { normalise } from './files.ts';
import { copyOpenCode, installLocked, openCodePackage } from './packages.ts';

/** Pages and islands are in `dist`; of `src` the image has what Node itself runs. */
const CONTENT = [
	'src/cli',
	'src/server',
	'src/shared',
	'dist',
	'templates/starter',
	'package.json',
	'package-lock.json',
];
/** With these doce finds out the name of the image that projects run in. */
const FILES = [...CONTENT, ...IMAGE_FILES];
/** What decides how the parts are put together. */
const RECIPE = ['docker/doce.Dockerfile', 'docker/stageDoce.ts', 'docker/packages.ts', 'docker/files.ts'];
const LEFT_OUT = /\.test\.ts$|\/(testing|node_modules|\.astro)(\/|$)|^templates\/starter\/dist(\/|$)/;

/** The name of doce's own image, by all that goes into it. The build (`dist`) is to be there. */
export function doceImage(root: string): string {
	const hash = createHash('sha256').update(`${process.arch}\0${pinnedVersions(root).node}\0`);
	for (const file of [...RECIPE, ...FILES].flatMap((path) => filesIn(root, path)).sort()) {
		const content = readFileSync(join(root, file));
		hash.update(`${file}\0${content.length}\0`).update(content);
	}
	return `doce:${hash.digest('hex').slice(0, 16)}`;
}

/** Lays out in `target` what doce's own image has in `/opt/doce`. The build (`dist`) is to be there. */
export async function stageDoce(root: string, target: string): Promise<void> {
	for (const path of FILES) {
		await mkdir(dirname(join(target, path)), { recursive: true });
		const filter = (from: string) => !LEFT_OUT.test(relative(root, from));
		await cp(join(root, path), join(target, path), { recursive: true, filter });
	}
	await stagePackages(root, target);
	await normalise(target);
}

function filesIn(root: string, path: string): string[] {
	if (LEFT_OUT.test(path)) return [];
	if (!lstatSync(join(root, path)).isDirectory()) return [path];
	return readdirSync(join(root, path)).flatMap((name) => filesIn(root, `${path}/${name}`));
}

/** Without the optional ones, but for OpenCode: the image has a Node of its own. */
async function stagePackages(root: string, target: string): Promise<void> {
	await installLocked(target, ['dev', 'optional']);
	const name = openCodePackage();
	const folder = join(target, 'node_modules', name);
	await mkdir(join(folder, 'bin'), { recursive: true });
	await copyOpenCode(root, join(folder, 'bin/opencode'));
	await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: pinnedVersions(root).openCode }));
}
