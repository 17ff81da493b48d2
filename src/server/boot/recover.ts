import { START_STEPS } from '#shared/queue.ts';
import type { TurnServices } from '../chat/turn.ts';
import type { Db } from '../db/client.ts';
import type { OpenCode } from '../opencode/client.ts';
import { gatewayPorts } from '../projects/access.ts';
import { listProjectsHoldingCredentials } from '../projects/credentials/delivery.ts';
import { findProject, listProjectsByStatus, setProjectStatus, wakeProject } from '../projects/projects.ts';
import { ensureSession, findOpenCode, stopRuntime } from '../projects/setup.ts';
import { listOpenJobs, PROMPT_JOBS } from '../queue/jobs.ts';
import { settleSetup } from './changes.ts';

/** So many projects that ran before are started again by themselves; the others wake when somebody comes. */
const MOST_RESTARTED = 5;

/**
 * Puts the projects into order after a restart: what still runs is adopted, what ran is started again (the ones used
 * last; the others sleep until somebody comes), and a setup that ended while nobody looked is told as it was.
 */
export async function recoverProjects(services: TurnServices): Promise<void> {
	const { db } = services;
	const adopted = new Set(await adoptRunning(services));
	for (const project of await listProjectsHoldingCredentials(db)) {
		if (!adopted.has(project.id)) await stopRuntime(services, project);
	}
	for (const project of await listProjectsByStatus(db, 'creating')) await settleSetup(db, project.id, project.status);
	const asleep = (await listProjectsByStatus(db, 'running')).filter(({ id }) => !adopted.has(id));
	for (const [index, project] of asleep.entries()) {
		if (index < MOST_RESTARTED) await wakeProject(db, project);
		else if (!(await hasWork(db, project.id))) await setProjectStatus(db, project.id, 'stopped');
	}
}

/** Whether jobs are about to start the project anyway. */
async function hasWork(db: Db, projectId: string): Promise<boolean> {
	const open = await listOpenJobs(db, projectId, [...START_STEPS, ...PROMPT_JOBS]);
	return open.some(({ state }) => state !== 'waiting_for_credential');
}

async function adoptRunning(services: TurnServices): Promise<string[]> {
	const adopted: string[] = [];
	for (const projectId of await services.runtime.adopt()) {
		if (await takeOver(services, projectId)) adopted.push(projectId);
		else await endStray(services, projectId);
	}
	return adopted;
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
