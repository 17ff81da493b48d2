import type { TurnServices } from '../chat/turn.ts';
import { type Db, inTransaction } from '../db/client.ts';
import {
	listProjectsByStatus,
	type Project,
	setProjectStatus,
	stopProject,
	wakeProject,
} from '../projects/projects.ts';
import { hurryJobs } from '../queue/enqueue.ts';
import { listOpenJobs, PROMPT_JOBS, RUNTIME_JOBS } from '../queue/jobs.ts';
import { hasWork, MOST_RESTARTED, recoverProjects } from './recover.ts';

/** How often it is looked whether projects can be started, in ms. */
const LOOK_EVERY = 1_000;
/** What did not come into order although nothing is in the way is tried again after this time, in ms. */
const AGAIN_AFTER = 5_000;

/**
 * Tells every open page when projects cannot be started, and when they can be again; then what ran goes on, and so do
 * the jobs that waited. `isInOrder`: what ran before doce started has been seen to; if not, that is done first. Returns
 * the way to end it.
 */
export function watchTrouble(services: TurnServices, isInOrder: boolean): () => void {
	const { live, logger, runtime } = services;
	let told = runtime.trouble();
	let isSeenTo = isInOrder;
	let again: NodeJS.Timeout | undefined;
	let last = Promise.resolve();
	const tell = (): void => {
		const trouble = runtime.trouble();
		if (trouble === told) return;
		told = trouble;
		live.broadcast({ type: 'runtime.changed', trouble: trouble ?? null });
	};
	const goOn = async (): Promise<void> => {
		if (isSeenTo) await startAgain(services);
		else isSeenTo = await recoverProjects(services);
		await hurryJobs(services.db, RUNTIME_JOBS);
	};
	/** One after another: trouble that comes and goes would have the same projects started twice at once. */
	const goOnInTurn = (): void => {
		last = last.then(goOn).catch((error: unknown) => {
			logger.error({ err: error }, 'Projects did not go on as they should.');
		});
		last = last.then(() => {
			// With trouble, its end is waited for.
			clearTimeout(again);
			if (!isSeenTo && runtime.trouble() === undefined) again = setTimeout(goOnInTurn, AGAIN_AFTER).unref();
		});
	};
	const timer = setInterval(tell, LOOK_EVERY).unref();
	const stopRecoveries = runtime.onRecovery(() => {
		tell();
		goOnInTurn();
	});
	if (!isSeenTo && told === undefined) goOnInTurn();
	return () => {
		clearInterval(timer);
		clearTimeout(again);
		stopRecoveries();
	};
}

/** Starts what ran: the projects used last; the others wait for somebody to come. */
async function startAgain({ db, runtime }: TurnServices): Promise<void> {
	const alive = new Set(await runtime.list());
	const ended = (await listProjectsByStatus(db, 'running')).filter(({ id }) => !alive.has(id));
	for (const [index, project] of ended.entries()) {
		if (index < MOST_RESTARTED) await wakeProject(db, project);
		else await letSleep(db, project);
	}
}

/** Stopping would cancel a message that waits for its provider: its project is started as well. */
async function letSleep(db: Db, project: Project): Promise<void> {
	await inTransaction(db, async (tx) => {
		if (await hasWork(tx, project.id)) return;
		if ((await listOpenJobs(tx, project.id, PROMPT_JOBS)).length > 0) return wakeProject(tx, project);
		await stopProject(tx, project, 'away');
		await setProjectStatus(tx, project.id, 'stopped');
	});
}
