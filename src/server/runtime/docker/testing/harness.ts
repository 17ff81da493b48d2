import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { projectOfTinyServers } from '../../../../../test/runtimeProjects.ts';
import { createDockerRuntime } from '../../docker.ts';
import type { RuntimeHarness } from '../../runtime.contract.ts';
import { projectImage } from '../image.ts';
import { instanceOf } from '../order/names.ts';

const logger = createLogger('silent');
const programs = new Map([[process.execPath, 'node']]);

/** The image that `npm run docker:build` has made. */
export const IMAGE = projectImage(join(import.meta.dirname, '../../../../..'));

/** The Docker runtime in a folder of its own. `reach` may let it find Docker elsewhere; what it returns undoes that. */
export async function openHarness(
	reach: (dir: string) => Promise<() => Promise<void>> = async () => async () => undefined,
): Promise<RuntimeHarness> {
	const dir = mkdtempSync(join(tmpdir(), 'doce-run-'));
	const letGo = await reach(dir);
	const open = () => createDockerRuntime({ dir, logger, image: IMAGE, programs, graceMs: 300 });
	const runtime = open();
	const runtimes = [runtime];
	const containers = (...more: string[]) =>
		docker('ps', '-q', '--filter', `label=dev.doce.instance=${instanceOf(dir)}`, ...more)
			.split('\n')
			.filter(Boolean);
	return {
		runtime,
		spec(projectId) {
			const folder = join(dir, `files-${projectId}`);
			mkdirSync(folder, { recursive: true });
			return projectOfTinyServers(projectId, folder);
		},
		countProcesses: (projectId) =>
			containers('--filter', `label=dev.doce.project=${projectId}`).flatMap(ownProcesses).length,
		reopen() {
			const next = open();
			runtimes.push(next);
			return next;
		},
		async close() {
			for (const one of runtimes) await one.stopAll();
			expect(containers('-a')).toEqual([]);
			await letGo();
			rmSync(dir, { recursive: true });
		},
	};
}

/** What runs in a container beside what belongs to it: its first process, and the one that joins its ports. */
function ownProcesses(id: string): string[] {
	const [, ...lines] = docker('top', id, '-o', 'pid,args').trim().split('\n');
	return lines.filter((line) => !/\/tini |entry\.js/.test(line));
}

/** Docker itself, past every guard. */
export function docker(...argv: string[]): string {
	return execFileSync('docker', argv, { encoding: 'utf8', env: { PATH: '/usr/bin:/usr/local/bin:/bin' } });
}
