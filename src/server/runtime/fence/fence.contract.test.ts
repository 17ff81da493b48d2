import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { projectOfTinyServers } from '../../../../test/runtimeProjects.ts';
import { listMarked } from '../process/table.ts';
import { createProcessRuntime } from '../process.ts';
import { describeRuntime } from '../runtime.contract.ts';
import { openSeparation, type Separation } from './fence.ts';

const logger = createLogger('silent');
const separate = (dir: string) => openSeparation({ dir, logger, mode: 'auto' });

describeRuntime('fenced process', async () => {
	const dir = mkdtempSync(join(tmpdir(), 'doce-run-'));
	const open = (separation: Separation) => createProcessRuntime({ dir, logger, separation, graceMs: 300 });
	const runtimes = [open(await separate(dir))];
	const later = await separate(dir);
	return {
		runtime: runtimes[0] as (typeof runtimes)[number],
		spec(projectId) {
			const folder = join(dir, `files-${projectId}`);
			mkdirSync(folder, { recursive: true });
			return projectOfTinyServers(projectId, folder);
		},
		countProcesses: (projectId) =>
			listMarked(dir).filter((one) => one.projectId === projectId && !isFence(one.pid)).length,
		reopen() {
			const next = open(later);
			runtimes.push(next);
			return next;
		},
		async close() {
			for (const runtime of runtimes) await runtime.stopAll();
			expect(listMarked(dir)).toEqual([]);
			rmSync(dir, { recursive: true });
		},
	};
});

/** Whether a process is part of the fence itself. */
function isFence(pid: number): boolean {
	const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
	return argv[0]?.endsWith('bwrap') || argv.includes('/run/doce/entry.js');
}

let dir: string;
beforeAll(() => {
	dir = mkdtempSync(join(tmpdir(), 'doce-run-'));
	return () => rmSync(dir, { recursive: true });
});

test('fences work on this machine', async () => {
	expect((await separate(dir)).isolation).toEqual({ level: 'isolated', reason: expect.any(String) });
});
