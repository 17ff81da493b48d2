import type { Gate } from '../chat/gate.ts';
import { type Db, inTransaction } from '../db/client.ts';
import type { Logger } from '../logger.ts';
import { getRuntimeSettings } from '../projects/life/settings.ts';
import type { Uses } from '../projects/life/uses.ts';
import { findProject, type Project, stopProject } from '../projects/projects.ts';
import { listOpenWork, type OpenWork } from '../queue/jobs.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { eachProject } from './eachProject.ts';

/** How often it is looked for projects that nobody uses, in ms. */
const LOOK_EVERY = 15_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Of no project, but on their way to those that hold the connection. */
const CREDENTIAL_JOBS: readonly string[] = ['credentials.changed', 'oauth.push'];

export type IdleServices = {
	db: Db;
	logger: Logger;
	runtime: Pick<Runtime, 'list' | 'canPause' | 'trouble'>;
	uses: Uses;
	gate: Gate;
	now?: () => number;
};

/** Pauses and stops what nobody uses, for as long as doce lives. Returns the way to end it. */
export function watchIdle(services: IdleServices): () => void {
	let isLooking = false;
	const look = async (): Promise<void> => {
		if (isLooking) return;
		isLooking = true;
		try {
			await restUnused(services);
		} catch (error) {
			services.logger.error({ err: error }, 'It was not looked for projects that nobody uses.');
		} finally {
			isLooking = false;
		}
	};
	const timer = setInterval(() => void look(), LOOK_EVERY).unref();
	return () => clearInterval(timer);
}

/** One look: pauses and stops what nobody has used for as long as the settings say. */
export async function restUnused(services: IdleServices): Promise<void> {
	const { db, runtime, uses, now = Date.now } = services;
	if (runtime.trouble() !== undefined) return;
	const work = await listOpenWork(db);
	if (work.some(({ type, isParked }) => !isParked && CREDENTIAL_JOBS.includes(type))) return;
	const { pauseAfterMinutes, stopAfterHours } = await getRuntimeSettings(db);
	const rest = async (projectId: string): Promise<void> => {
		const project = await findProject(db, projectId);
		if (project === undefined || !['running', 'error'].includes(project.status)) return;
		if (isAtWork(work, projectId)) return uses.note(projectId);
		const isDue = (after: number) => after > 0 && now() - uses.lastUse(project) >= after;
		if (isDue(stopAfterHours * HOUR) && (await stopUnused(db, project))) return;
		if (runtime.canPause && isDue(pauseAfterMinutes * MINUTE)) await pauseUnused(services, projectId);
	};
	const what = 'Pausing or stopping a project that nobody uses';
	await eachProject(services.logger, await runtime.list(), { idOf: (id) => id, what, work: rest });
}

/** A job may have come meanwhile, and stopping would cancel it. */
async function stopUnused(db: Db, project: Project): Promise<boolean> {
	return inTransaction(db, async (tx) => {
		if ((await listOpenWork(tx)).some(({ projectId }) => projectId === project.id)) return false;
		await stopProject(tx, project, 'idle');
		return true;
	});
}

/** Neither in the midst of a change to its credentials nor as its turn begins: both hold the gate. */
async function pauseUnused({ db, gate, uses }: IdleServices, projectId: string): Promise<void> {
	await gate.exclusive(projectId, async () => {
		if (isAtWork(await listOpenWork(db), projectId)) return;
		await uses.pause(projectId);
		if (isAtWork(await listOpenWork(db), projectId)) uses.note(projectId);
	});
}

/** A message that waits for a provider needs no running project; it wakes it when it goes on. */
function isAtWork(work: OpenWork[], projectId: string): boolean {
	return work.some((one) => one.projectId === projectId && !one.isParked);
}
