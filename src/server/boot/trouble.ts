import type { TurnServices } from '../chat/turn.ts';
import { inTransaction } from '../db/client.ts';
import { listProjectsByStatus, setProjectStatus, stopProject, wakeProject } from '../projects/projects.ts';
import { hurryJobs } from '../queue/enqueue.ts';
import { RUNTIME_JOBS } from '../queue/jobs.ts';
import { hasWork, MOST_RESTARTED, recoverProjects } from './recover.ts';

/** How often it is looked whether projects can be started, in ms. */
const LOOK_EVERY = 1_000;

/**
 * Tells every open page when projects cannot be started, and when they can be again; then what ran goes on, and so do
 * the jobs that waited. Returns the way to end it.
 */
export function watchTrouble(services: TurnServices): () => void {
	const { live, logger, runtime } = services;
	let told = runtime.trouble();
	/** What ran before is not in order yet: it could not be looked at when doce started. */
	let isUntouched = told !== undefined;
	const tell = (): void => {
		const trouble = runtime.trouble();
		if (trouble === told) return;
		told = trouble;
		live.broadcast({ type: 'runtime.changed', trouble: trouble ?? null });
	};
	const goOn = async (): Promise<void> => {
		const isFirst = isUntouched;
		isUntouched = false;
		if (isFirst) await recoverProjects(services);
		else await startAgain(services);
		await hurryJobs(services.db, RUNTIME_JOBS);
	};
	const timer = setInterval(tell, LOOK_EVERY).unref();
	const stopRecoveries = runtime.onRecovery(() => {
		tell();
		goOn().catch((error: unknown) => logger.error({ err: error }, 'Projects did not go on as they should.'));
	});
	return () => {
		clearInterval(timer);
		stopRecoveries();
	};
}

/** Starts what ran: the projects used last; the others wait for somebody to come. */
async function startAgain({ db, runtime }: TurnServices): Promise<void> {
	const alive = new Set(await runtime.list());
	const ended = (await listProjectsByStatus(db, 'running')).filter(({ id }) => !alive.has(id));
	for (const [index, project] of ended.entries()) {
		if (index < MOST_RESTARTED) await wakeProject(db, project);
		else
			await inTransaction(db, async (tx) => {
				if (await hasWork(tx, project.id)) return;
				await stopProject(tx, project, 'away');
				await setProjectStatus(tx, project.id, 'stopped');
			});
	}
}
