import { expect } from 'vitest';
import { projectOfTinyServers } from '../../../../test/runtimeProjects.ts';
import { describeRuntime } from '../runtime.contract.ts';
import { docker, openGround } from './testing/ground.ts';

describeRuntime('docker', async () => {
	const ground = openGround();
	return {
		runtime: ground.runtime,
		spec: (projectId) => projectOfTinyServers(projectId, ground.folderOf(projectId)),
		countProcesses: (projectId) => ground.containers(projectId).filter(isUp).flatMap(ownProcesses).length,
		reopen: () => ground.reopen(),
		async close() {
			await ground.close();
			expect(ground.containers()).toEqual([]);
		},
	};
});

function isUp(id: string): boolean {
	return docker('inspect', '--format', '{{.State.Running}}', id) === 'true';
}

/** What runs in a container beside what belongs to it: its first process, and the one that joins its ports. */
function ownProcesses(id: string): string[] {
	const [, ...lines] = docker('top', id, '-o', 'pid,args').split('\n');
	return lines.filter((line) => !/\/tini |entry\.js/.test(line));
}
