import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { projectOfTinyServers } from '../../../../test/runtimeProjects.ts';
import { createDockerRuntime } from '../docker.ts';
import { describeRuntime } from '../runtime.contract.ts';
import { projectImage } from './image.ts';
import { instanceOf } from './order/names.ts';

const logger = createLogger('silent');
const ROOT = join(import.meta.dirname, '../../../..');
const programs = new Map([[process.execPath, 'node']]);

describeRuntime('docker', async () => {
	const dir = mkdtempSync(join(tmpdir(), 'doce-run-'));
	const open = () => createDockerRuntime({ dir, logger, image: projectImage(ROOT), programs, graceMs: 300 });
	const runtimes = [open()];
	const containers = (...more: string[]) =>
		docker('ps', '-q', '--filter', `label=dev.doce.instance=${instanceOf(dir)}`, ...more)
			.split('\n')
			.filter(Boolean);
	return {
		runtime: runtimes[0] as (typeof runtimes)[number],
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
			for (const runtime of runtimes) await runtime.stopAll();
			expect(containers('-a')).toEqual([]);
			rmSync(dir, { recursive: true });
		},
	};
});

/** What runs in a container beside what belongs to it: its first process, and the one that joins its ports. */
function ownProcesses(id: string): string[] {
	const [, ...lines] = docker('top', id, '-o', 'pid,args').trim().split('\n');
	return lines.filter((line) => !/\/tini |entry\.js/.test(line));
}

function docker(...argv: string[]): string {
	return execFileSync('docker', argv, { encoding: 'utf8', env: { PATH: '/usr/bin:/usr/local/bin:/bin' } });
}
