import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instanceOf } from '#server/runtime/docker/order/names.ts';
import { chosenRuntime, type Doce } from './doce.ts';

const NAMES = ['opencode', 'preview'] as const;

/** The first processes of a running project's agent and preview, by their numbers on this machine. */
export function processesOf({ dataDir }: Doce, projectId: string): { opencode: number; preview: number } {
	const numbers =
		chosenRuntime().DOCE_RUNTIME === 'docker' ? inContainers(dataDir, projectId) : recorded(dataDir, projectId);
	const [opencode = 0, preview = 0] = NAMES.map((name) => numbers[name]);
	return { opencode, preview };
}

function recorded(dataDir: string, projectId: string): Record<string, number> {
	const record = JSON.parse(readFileSync(join(dataDir, 'run', `${projectId}.json`), 'utf8')) as {
		processes: { name: string; identity: { pid: number } }[];
	};
	return Object.fromEntries(record.processes.map(({ name, identity }) => [name, identity.pid]));
}

function inContainers(dataDir: string, projectId: string): Record<string, number> {
	const instance = instanceOf(join(dataDir, 'run', 'docker'));
	return Object.fromEntries(
		NAMES.map((name) => {
			const container = `doce-${instance}-${projectId}-${name}`;
			const argv = ['inspect', '--format', '{{.State.Pid}}', container];
			return [name, Number(execFileSync('docker', argv, { encoding: 'utf8' }))];
		}),
	);
}
