import type { LoadView } from '#shared/limits.ts';
import type { Runtime } from '../../runtime/runtime.ts';

const MB = 1024 * 1024;

/** What a project uses now; null when nothing of it runs. */
export async function viewLoad({ load }: Pick<Runtime, 'load'>, projectId: string): Promise<LoadView | null> {
	const found = await load(projectId);
	if (found === undefined) return null;
	const { isPaused, processes, diskBytes } = found;
	return {
		isPaused,
		processes: processes.map(({ name, memoryBytes, cpus }) => ({
			name,
			memoryMb: Math.round(memoryBytes / MB),
			cpus: Number(cpus.toFixed(2)),
		})),
		diskMb: diskBytes === undefined ? null : Math.round(diskBytes / MB),
	};
}
