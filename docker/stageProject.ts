import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SCRIPTS, STARTER_FILES } from '#server/runtime/docker/image.ts';
import { normalise } from './files.ts';
import { copyOpenCode, installLocked } from './packages.ts';

/** Lays out in `target` what a project's image has in `/opt/doce`. */
export async function stageProject(root: string, target: string): Promise<void> {
	await mkdir(join(target, 'scripts'), { recursive: true });
	for (const script of SCRIPTS) await copyFile(join(root, script), join(target, 'scripts', basename(script)));
	await writeFile(join(target, 'scripts/package.json'), '{ "type": "module" }\n');
	await copyOpenCode(root, join(target, 'opencode'));
	await stageStarter(root, join(target, 'starter'));
	await normalise(target);
}

/** The packages that new sites start from, as doce itself would install them on the container's system. */
async function stageStarter(root: string, target: string): Promise<void> {
	await mkdir(target);
	for (const file of STARTER_FILES) await copyFile(join(root, file), join(target, basename(file)));
	await installLocked(target);
}
