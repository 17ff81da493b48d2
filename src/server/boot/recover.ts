import { START_STEPS } from '#shared/queue.ts';
import type { TurnServices } from '../chat/turn.ts';
import type { Db } from '../db/client.ts';
import { AppError } from '../errors.ts';
import type { OpenCode } from '../opencode/client.ts';
import { gatewayPorts } from '../projects/access.ts';
import { listProjectsHoldingCredentials } from '../projects/credentials/delivery.ts';
import { findProject, listProjectsByStatus, setProjectStatus, wakeProject } from '../projects/projects.ts';
import { ensureSession, findOpenCode, type ProjectServices, stopRuntime } from '../projects/setup.ts';
import { listOpenJobs, PROMPT_JOBS } from '../queue/jobs.ts';
import { settleSetup } from './changes.ts';
import { eachProject } from './eachProject.ts';

/** So many projects that ran before are started again by themselves; the others wake when somebody comes. */
export const MOST_RESTARTED = 5;

/**
 * Puts the projects into order after a restart: what still runs is adopted, what ran is started again (the ones used
 * last; the others sleep until somebody comes), and a setup that ended while nobody looked is told as it was. A project
 * that does not go along is logged, and left as it is. False when it did not get through, since nothing could be run
 * for a while: to be called again.
 */
export async function recoverProjects(services: TurnServices): Promise<boolean> {
	const { logger, runtime } = services;
	let wasAway = false;
	const stopListening = runtime.onRecovery(() => {
		wasAway = true;
	});
	try {
		await putInOrder(services);
		return !wasAway && runtime.trouble() === undefined;
	} catch (error) {
		if (!(error instanceof AppError && error.code === 'unavailable')) throw error;
		logger.warn({ err: error }, 'Projects are not in order yet.');
		return false;
	} finally {
		stopListening();
	}
}

async function putInOrder(services: TurnServices): Promise<void> {
	const { db } = services;
	const adopted = new Set(await adoptRunning(services));
	for (const project of await listProjectsByStatus(db, 'creating')) await settleSetup(db, project.id, project.status);
	if (services.runtime.trouble() !== undefined) return;
	await stopHolders(services, adopted);
	const asleep = (await listProjectsByStatus(db, 'running')).filter(({ id }) => !adopted.has(id));
	for (const [index, project] of asleep.entries()) {
		if (index < MOST_RESTARTED) await wakeProject(db, project);
		else if (!(await hasWork(db, project.id))) await setProjectStatus(db, project.id, 'stopped');
	}
}

/** Whether jobs are about to start the project anyway. */
export async function hasWork(db: Db, projectId: string): Promise<boolean> {
	const open = await listOpenJobs(db, projectId, [...START_STEPS, ...PROMPT_JOBS]);
	return open.some(({ state }) => state !== 'waiting_for_credential');
}

/** Takes what projects hold away from all of them, but for those that go on running. */
export async function stopHolders(services: ProjectServices, running: ReadonlySet<string> = new Set()): Promise<void> {
	const holders = await listProjectsHoldingCredentials(services.db);
	await eachProject(
		services.logger,
		holders.filter(({ id }) => !running.has(id)),
		{
			idOf: ({ id }) => id,
			what: 'Stopping a project that holds a credential',
			work: (project) => stopRuntime(services, project),
		},
	);
}

async function adoptRunning(services: TurnServices): Promise<string[]> {
	const found = await services.runtime.adopt();
	const idOf = (id: string) => id;
	const work = (id: string) => takeOver(services, id);
	const taken = await eachProject(services.logger, found, { idOf, what: 'Taking over a project', work });
	const strays = found.filter((_, index) => taken[index] !== true);
	const end = (id: string) => endStray(services, id);
	await eachProject(services.logger, strays, { idOf, what: 'Ending a project that was left running', work: end });
	return found.filter((id) => !strays.includes(id));
}

async function endStray(services: TurnServices, projectId: string): Promise<void> {
	const project = await findProject(services.db, projectId);
	if (project === undefined) await services.runtime.stop(projectId);
	else await stopRuntime(services, project);
}

/** The processes are the project's if its OpenCode answers with the password we kept. */
async function takeOver(services: TurnServices, projectId: string): Promise<boolean> {
	const project = await findProject(services.db, projectId);
	if (project === undefined || !['running', 'creating'].includes(project.status)) return false;
	await gatewayPorts(services, projectId);
	const openCode = await findOpenCode(services, project);
	if (openCode === undefined || !(await openCode.isHealthy())) return false;
	await endStrayTurns(services.db, projectId, openCode);
	// What was written shortly before the crash may not have been read.
	if ((await openCode.busySessions()).length === 0) await openCode.dispose();
	if (project.status === 'running')
		services.watchers.watch(project, openCode, await ensureSession(services, project, openCode));
	return true;
}

/** A turn that no job waits for was stopped by its person, shortly before doce ended. */
async function endStrayTurns(db: Db, projectId: string, openCode: OpenCode): Promise<void> {
	if ((await listOpenJobs(db, projectId, PROMPT_JOBS)).length > 0) return;
	for (const sessionId of await openCode.busySessions()) await openCode.abort(sessionId);
}
