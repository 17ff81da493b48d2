import type { Live } from '../live/live.ts';
import type { Logger } from '../logger.ts';
import { findProject, setProjectStatus, wakeProject } from '../projects/projects.ts';
import { announceProject, type ProjectViewDeps } from '../projects/views.ts';
import type { ProcessName, Runtime } from '../runtime/runtime.ts';

/** A process that ends again within this time of its restart is not started a third time by itself, in ms. */
const TOO_SOON = 60_000;

type Services = ProjectViewDeps & { live: Live; logger: Logger; runtime: Runtime };

const WORDS: Record<ProcessName, string> = { opencode: 'The agent', preview: 'The preview' };

/** Starts what ended by itself again; what ends twice in a minute leaves the project in `error`, with the reason. */
export function watchExits(services: Services): () => void {
	/** By project and process: one end of each within a minute is bad luck, not a pattern. */
	const restarts = new Map<string, number>();
	const { db, logger } = services;
	return services.runtime.onExit((projectId, name) => {
		logger.warn({ projectId, process: name }, 'A process of a project ended by itself.');
		restart(projectId, name).catch((error: unknown) =>
			logger.error({ err: error, projectId }, 'A project was not restarted.'),
		);
	});

	async function restart(projectId: string, name: ProcessName): Promise<void> {
		const project = await findProject(db, projectId);
		// While a project is being set up, its own steps notice and try again.
		if (project?.status !== 'running') return;
		const key = `${projectId} ${name}`;
		const isSoon = (restarts.get(key) ?? 0) > Date.now() - TOO_SOON;
		restarts.set(key, Date.now());
		if (isSoon) {
			await setProjectStatus(
				db,
				projectId,
				'error',
				`${WORDS[name]} ended twice within a minute. The Logs tab says why; then start it again.`,
			);
		} else {
			await wakeProject(db, project);
		}
		await announceProject(services, projectId);
	}
}
