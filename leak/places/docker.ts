import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { instanceOf } from '#server/runtime/docker/order/names.ts';
import { chosenRuntime } from '../../test/harness/doce.ts';
import type { Needle } from '../canary.ts';
import { type Finding, findingIn, searchFolder } from './files.ts';

const LARGEST = 256 * 1024 * 1024;

/** Whether projects run in containers here. */
export const isInContainers = chosenRuntime()['DOCE_RUNTIME'] === 'docker';

/**
 * All that Docker keeps and shows of a doce: what it says of containers, images, volumes and of what happened since a time
 * (ms), what containers wrote, the files of volumes, and the layers that were made since: what a layer holds never
 * changes. Nothing where projects do not run in containers.
 */
export function searchDocker(dataDir: string, since: number, needles: readonly Needle[]): Finding[] {
	if (!isInContainers) return [];
	const label = `label=dev.doce.instance=${instanceOf(join(dataDir, 'run', 'docker'))}`;
	const containers = list('ps', '--all', '--quiet', '--no-trunc', '--filter', label);
	const images = list('images', '--all', '--quiet', '--no-trunc');
	const volumes = list('volume', 'ls', '--quiet');
	const span = ['--since', String(since / 1_000), '--until', String(Date.now() / 1_000)];
	const said = [
		...[...containers, ...images, ...volumes].map((name) => ['inspect', name]),
		...images.map((name) => ['history', '--no-trunc', name]),
		...containers.map((name) => ['logs', name]),
		['events', '--format', '{{json .}}', ...span],
	];
	const folders = [
		...volumes.flatMap((name) => list('volume', 'inspect', '--format', '{{.Mountpoint}}', name)),
		...[...containers, ...images.filter((name) => madeAt(name) >= since)].flatMap(ownLayer),
	];
	return [
		...said.flatMap((argv) => findingIn(`docker ${argv[0]}`, docker(...argv), needles)),
		...folders.flatMap((folder) => searchFolder(folder, needles)),
	];
}

function ownLayer(name: string): string[] {
	return list('inspect', '--format', '{{.GraphDriver.Data.UpperDir}}', name);
}

function madeAt(image: string): number {
	return Date.parse(list('inspect', '--format', '{{.Created}}', image)[0] ?? '');
}

function list(...argv: string[]): string[] {
	return docker(...argv)
		.toString('utf8')
		.split('\n')
		.filter(Boolean);
}

/** What it prints on both streams; nothing of what is gone meanwhile. */
function docker(...argv: string[]): Buffer {
	try {
		return execFileSync('sh', ['-c', 'exec docker "$@" 2>&1', 'docker', ...argv], { maxBuffer: LARGEST });
	} catch (error) {
		const { stdout } = error as { stdout?: Buffer };
		if (stdout?.includes('No such')) return Buffer.alloc(0);
		throw error;
	}
}
