import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { pathOnMachine } from '../connection/hostPaths.ts';

const PREFIX = 'dev.doce';
/** What has this label, with the value of this doce, is ours; nothing else is ever touched. */
export const INSTANCE_LABEL = `${PREFIX}.instance`;
const PROJECT_LABEL = `${PREFIX}.project`;
const ROLE_LABEL = `${PREFIX}.role`;

/** What a container is for: a process of a project, or a command that runs beside it once. */
export type Role = 'opencode' | 'preview' | `command-${string}`;

/** Whose a container is. */
export type Labels = { instance: string; projectId: string; role: Role };

/** Where the Docker runtime keeps its records. */
export function dockerDir(dataDir: string): string {
	return join(dataDir, 'run', 'docker');
}

/** Differs for every such folder of this machine, whatever container sees it, and stays the same for each. */
export function instanceOf(dir: string): string {
	return createHash('sha256')
		.update(pathOnMachine(resolve(dir)))
		.digest('hex')
		.slice(0, 12);
}

export function labelsOf({ instance, projectId, role }: Labels): Record<string, string> {
	return { [INSTANCE_LABEL]: instance, [PROJECT_LABEL]: projectId, [ROLE_LABEL]: role };
}

/** Undefined for what is not ours, or not as we make it. */
export function readLabels(labels: Record<string, string> | undefined, instance: string): Labels | undefined {
	const [projectId, role] = [labels?.[PROJECT_LABEL], labels?.[ROLE_LABEL]];
	if (labels?.[INSTANCE_LABEL] !== instance || projectId === undefined || !isRole(role)) return undefined;
	return { instance, projectId, role };
}

export function containerName({ instance, projectId, role }: Labels): string {
	return `doce-${instance}-${projectId}-${role}`;
}

function isRole(text: string | undefined): text is Role {
	return text === 'opencode' || text === 'preview' || (text?.startsWith('command-') ?? false);
}
