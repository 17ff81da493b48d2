import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#server/errors.ts';
import { INSTALL_FLAGS, npmCommand, npmReason, run } from '#server/projects/workspace/starter.ts';
import { pinnedVersions } from '#server/runtime/docker/image.ts';

/** The package of OpenCode that runs in an image. */
export function openCodePackage(): string {
	return `opencode-linux-${process.arch}`;
}

/** Copies the pinned OpenCode for Linux: it is among doce's packages, or, on another system, fetched for this once. */
export async function copyOpenCode(root: string, target: string): Promise<void> {
	const name = openCodePackage();
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

/** Installs just what the folder's lockfile says, for the system of the image; `omitted` are kinds of packages. */
export async function installLocked(folder: string, omitted: readonly string[] = []): Promise<void> {
	const flags = forLinux().filter((flag) => !omitted.some((kind) => flag === `--include=${kind}`));
	await npm(['ci', ...flags, ...omitted.map((kind) => `--omit=${kind}`), '--prefix', folder], folder);
}

function forLinux(): string[] {
	return [...INSTALL_FLAGS, '--os=linux', `--cpu=${process.arch}`, '--libc=glibc'];
}

async function npm(argv: string[], folder: string): Promise<void> {
	const result = await run([...npmCommand(), ...argv], folder);
	if (result.code === 0) return;
	throw new AppError(
		'unavailable',
		`The packages of an image could not be installed (npm: ${npmReason(result)}). ` +
			'Check that this machine reaches the npm registry (`npm ping`) and that the disk is not full, then try again.',
		{ cause: new Error(result.stderr) },
	);
}
