import { existsSync } from 'node:fs';
import { chmod, copyFile, lstat, lutimes, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '#server/errors.ts';
import { INSTALL_FLAGS, npmCommand, npmReason, run } from '#server/projects/workspace/starter.ts';
import { pinnedVersions, SCRIPTS, STARTER_FILES } from '#server/runtime/docker/image.ts';

/** One time for every file, so that the same files make the same layers. */
const TIME = new Date('2000-01-01T00:00:00Z');

/** Lays out in `target` what a project's image has in `/opt/doce`. */
export async function stageProject(root: string, target: string): Promise<void> {
	await mkdir(join(target, 'scripts'), { recursive: true });
	for (const script of SCRIPTS) await copyFile(join(root, script), join(target, 'scripts', basename(script)));
	await writeFile(join(target, 'scripts/package.json'), '{ "type": "module" }\n');
	await stageOpenCode(root, join(target, 'opencode'));
	await stageStarter(root, join(target, 'starter'));
	await normalise(target);
}

/** The pinned OpenCode for Linux: among doce's packages, or, on another system, fetched for this once. */
async function stageOpenCode(root: string, target: string): Promise<void> {
	const name = `opencode-linux-${process.arch}`;
	const fetched = `${target}.fetched`;
	let packages = join(root, 'node_modules');
	if (!existsSync(join(packages, name))) {
		await mkdir(fetched);
		const wanted = `${name}@${pinnedVersions(root).openCode}`;
		await npm(['install', '--no-save', '--force', ...forLinux(), '--prefix', fetched, wanted], fetched);
		packages = join(fetched, 'node_modules');
	}
	await copyFile(join(packages, name, 'bin/opencode'), target);
	await chmod(target, 0o755);
	await rm(fetched, { recursive: true, force: true });
}

/** The packages that new sites start from, as doce itself would install them on the container's system. */
async function stageStarter(root: string, target: string): Promise<void> {
	await mkdir(target);
	for (const file of STARTER_FILES) await copyFile(join(root, file), join(target, basename(file)));
	await npm(['ci', ...forLinux(), '--prefix', target], target);
}

function forLinux(): string[] {
	return [...INSTALL_FLAGS, '--os=linux', `--cpu=${process.arch}`, '--libc=glibc'];
}

async function npm(argv: string[], folder: string): Promise<void> {
	const result = await run([...npmCommand(), ...argv], folder);
	if (result.code === 0) return;
	throw new AppError(
		'unavailable',
		`The packages of the project image could not be installed (npm: ${npmReason(result)}). ` +
			'Check that this machine reaches the npm registry (`npm ping`) and that the disk is not full, then try again.',
		{ cause: new Error(result.stderr) },
	);
}

/** Everybody may read everything, nobody may write anything but folders' owners, and no time tells when it was made. */
export async function normalise(folder: string): Promise<void> {
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		if (entry.isDirectory()) await chmod(path, 0o755);
		else if (entry.isFile()) await chmod(path, ((await lstat(path)).mode & 0o111) === 0 ? 0o444 : 0o555);
		await lutimes(path, TIME, TIME);
	}
	await chmod(folder, 0o755);
	await lutimes(folder, TIME, TIME);
}
