import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitName } from '#shared/limits.ts';
import type { Live } from '../live/live.ts';
import type { Logger } from '../logger.ts';
import { setReachedLimit } from '../projects/life/limits.ts';
import { findProject, type Project, setProjectStatus, stopProject, wakeProject } from '../projects/projects.ts';
import { announceProject, type ProjectViewDeps } from '../projects/views.ts';
import { type JobType, listOpenJobs } from '../queue/jobs.ts';
import type { ProcessName, Runtime } from '../runtime/runtime.ts';

/** A process that ends again within this time of its restart is not started a third time by itself, in ms. */
const TOO_SOON = 60_000;
/** A process that ends within this time of a limit it ran into ended of that, in ms. */
const OF_LIMIT = 10_000;
/** An engine that goes away ends what it runs first; it is known to be away within this time, in ms. */
const UNTIL_KNOWN = 2_000;

type Services = ProjectViewDeps & {
	live: Live;
	logger: Logger;
	runtime: Pick<Runtime, 'kind' | 'trouble' | 'onExit' | 'onLimit'>;
};

const ENDING: readonly JobType[] = ['project.stop', 'project.delete'];

const WORDS: Record<ProcessName, string> = { opencode: 'The agent', preview: 'The preview' };

/**
 * Starts what ended by itself again. What ends twice in a minute leaves the project in `error`, with the reason; if a
 * limit was the reason, the project is stopped, and its notice says so.
 */
export function watchExits(services: Services): () => void {
	/** By project and process: one end of each within a minute is bad luck, not a pattern. */
	const restarts = new Map<string, number>();
	/** By project and process: when it last ran into a limit. */
	const hits = new Map<string, number>();
	const { db, logger, runtime } = services;
	const stopLimits = runtime.onLimit((projectId, limit, name) => {
		logger.warn({ projectId, limit, ...(name && { process: name }) }, 'A project ran into a limit.');
		if (name !== undefined) hits.set(`${projectId} ${name}`, Date.now());
		reach(projectId, limit, name).catch((error: unknown) =>
			logger.error({ err: error, projectId }, 'A limit that a project ran into was not noted.'),
		);
	});
	const stopExits = runtime.onExit((projectId, name) => {
		logger.warn({ projectId, process: name }, 'A process of a project ended by itself.');
		restart(projectId, name).catch((error: unknown) =>
			logger.error({ err: error, projectId }, 'A project was not restarted.'),
		);
	});
	return () => {
		stopLimits();
		stopExits();
	};

	/** What is not the affair of one process has ended all of them. */
	async function reach(projectId: string, limit: LimitName, name: ProcessName | undefined): Promise<void> {
		await setReachedLimit(db, projectId, limit);
		const project = await findProject(db, projectId);
		if (name === undefined && project !== undefined && isUp(project)) await stopProject(db, project, 'limit');
		await announceProject(services, projectId);
	}

	async function restart(projectId: string, name: ProcessName): Promise<void> {
		const key = `${projectId} ${name}`;
		const now = Date.now();
		if (runtime.kind !== 'process') await sleep(UNTIL_KNOWN);
		// What it ran is started again when it is back.
		if (runtime.trouble() !== undefined) return;
		const project = await findProject(db, projectId);
		if (project === undefined || !isUp(project)) return;
		// It ended because it is stopped.
		if ((await listOpenJobs(db, projectId, ENDING)).length > 0) return;
		// An engine may tell of the end first and of the limit then.
		const isOfLimit = (hits.get(key) ?? 0) > now - OF_LIMIT;
		// While a project is being set up, its own steps notice and try again.
		if (project.status === 'creating' && !isOfLimit) return;
		const isSoon = (restarts.get(key) ?? 0) > now - TOO_SOON;
		restarts.set(key, now);
		if (!isSoon) {
			if (project.status === 'running') await wakeProject(db, project);
		} else if (isOfLimit) {
			await stopProject(db, project, 'limit');
		} else {
			const words = `${WORDS[name]} ended twice within a minute. The Logs tab says why; then start it again.`;
			await setProjectStatus(db, projectId, 'error', words);
		}
		await announceProject(services, projectId);
	}
}

function isUp({ status }: Project): boolean {
	return status === 'running' || status === 'creating';
}
