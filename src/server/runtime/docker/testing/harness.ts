import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { projectOfTinyServers } from '../../../../../test/runtimeProjects.ts';
import type { RuntimeHarness } from '../../runtime.contract.ts';
import { docker, openGround } from './ground.ts';

/** The Docker runtime in a folder of its own. `reach` may let it find Docker elsewhere; what it returns undoes that. */
export async function openHarness(
	reach: (dir: string) => Promise<() => Promise<void>> = async () => async () => undefined,
): Promise<RuntimeHarness> {
	const dir = mkdtempSync(join(tmpdir(), 'doce-run-'));
	const letGo = await reach(dir);
	const ground = openGround(dir);
	return {
		runtime: ground.runtime,
		spec: (projectId) => projectOfTinyServers(projectId, ground.folderOf(projectId)),
		countProcesses: (projectId) => ground.containers(projectId).filter(isUp).flatMap(ownProcesses).length,
		reopen: () => ground.reopen(),
		async close() {
			await ground.stop();
			expect(ground.containers()).toEqual([]);
			await letGo();
			ground.remove();
		},
	};
}

function isUp(id: string): boolean {
	return docker('inspect', '--format', '{{.State.Running}}', id) === 'true';
}

/** What runs in a container beside what belongs to it: its first process, and the one that joins its ports. */
function ownProcesses(id: string): string[] {
	const [, ...lines] = docker('top', id, '-o', 'pid,args').split('\n');
	return lines.filter((line) => !/\/tini |entry\.js/.test(line));
}
