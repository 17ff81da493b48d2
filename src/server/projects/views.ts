import type { Notice, ProjectSummary, ProjectView, StepView } from '#shared/projects.ts';
import { SETUP_STEPS } from '#shared/queue.ts';
import type { ReceiptView } from '#shared/receipts.ts';
import { findConnection } from '../auth/connections.ts';
import type { ProviderDirectory } from '../auth/input/directory.ts';
import type { Keyring } from '../auth/keys/keyring.ts';
import type { ViewDeps } from '../auth/views.ts';
import type { Db } from '../db/client.ts';
import type { Live } from '../live/live.ts';
import { findLatestJobs, type Job, PROMPT_JOBS } from '../queue/jobs.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { costsThisMonth } from '../usage/report.ts';
import { nameOf } from './connected.ts';
import { isAllowed, refusalWords } from './credentials/sealedOnly.ts';
import { limitNotices } from './life/notices.ts';
import { findProject, listProjects, type Project } from './projects.ts';
import { findOwn, findServing } from './serving.ts';
import { budgetNotices } from './spending/notices.ts';
import { viewConnectionsOf } from './usage.ts';

/** What views of projects are made from. */
export type ProjectViewDeps = { db: Db; catalog: ViewDeps['directory'] };

type WholeViewDeps = ProjectViewDeps & { runtime: Pick<Runtime, 'isolation' | 'keeps'> };

export function toProjectSummary(project: Project): ProjectSummary {
	return {
		id: project.id,
		name: project.name,
		slug: project.slug,
		status: project.status,
		providerId: project.current_model_provider_id,
		modelId: project.current_model_id,
		fallback: project.fallback,
		sealedOnly: project.sealed_only === 1,
		createdAt: toIso(project.created_at),
		lastActiveAt: toIso(project.last_active_at),
	};
}

/** A project with its steps, and what is going on in it. */
export async function getProjectView(
	{ db, catalog, runtime }: WholeViewDeps,
	project: Project,
	previewUrl: string,
): Promise<ProjectView> {
	const jobs = await findLatestJobs(db, project.id, [...SETUP_STEPS, 'chat.sendPrompt']);
	return {
		...toProjectSummary(project),
		prompt: project.prompt,
		runtime: project.runtime,
		isolation: runtime.isolation,
		keeps: [...runtime.keeps],
		previewUrl,
		busy: PROMPT_JOBS.some((type) => isBusy(jobs.get(type))),
		standIn: await findStandInView(db, project),
		costThisMonth: await costOf(db, project),
		steps: SETUP_STEPS.map((type) => toStepView(type, jobs.get(type))),
		notices: await listNotices({ db, catalog }, project),
	};
}

/** Tells the open pages of a project's person how it stands now. */
export async function announceProject(
	{ db, catalog, live }: ProjectViewDeps & { live: Live },
	projectId: string,
): Promise<void> {
	const project = await findProject(db, projectId);
	if (project === undefined) return;
	live.publish(
		{ userId: project.user_id },
		{
			type: 'project.changed',
			project: toProjectSummary(project),
			notices: await listNotices({ db, catalog }, project),
			busy: await isProjectBusy(db, projectId),
			standIn: await findStandInView(db, project),
			costThisMonth: await costOf(db, project),
		},
	);
}

/** The same for all of a person's projects: for what concerns more than one of them. */
export async function announceProjectsOf(services: ProjectViewDeps & { live: Live }, userId: string): Promise<void> {
	if (!services.live.isHeard(userId)) return;
	for (const { id } of await listProjects(services.db, userId)) await announceProject(services, id);
}

/** Tells the open pages of a connection's person how it stands now. */
export async function announceConnection(
	services: { db: Db; live: Live; keyring: Keyring; catalog: ProviderDirectory },
	connectionId: string,
): Promise<void> {
	const { db, live } = services;
	const row = await findConnection(db, connectionId);
	if (row === undefined) return;
	const [connection] = await viewConnectionsOf({ ...services, directory: services.catalog }, [row]);
	if (connection !== undefined) live.publish({ userId: row.user_id }, { type: 'connection.changed', connection });
}

/** Tells the open pages of a person what became of a change to one of their connections. */
export function announceReceipts(
	{ live }: { live: Live },
	receipts: readonly ReceiptView[],
	{ userId, connectionId }: { userId: string; connectionId: string },
): void {
	for (const receipt of receipts) live.publish({ userId }, { type: 'receipt.changed', connectionId, receipt });
}

/** Whether the agent works on one of the project's messages. */
async function isProjectBusy(db: Db, projectId: string): Promise<boolean> {
	const jobs = await findLatestJobs(db, projectId, PROMPT_JOBS);
	return [...jobs.values()].some(isBusy);
}

async function costOf(db: Db, { id }: Project): Promise<number> {
	return (await costsThisMonth(db, 'project', [id])).get(id) ?? 0;
}

async function findStandInView(db: Db, project: Project): Promise<ProjectView['standIn']> {
	const { connection, modelId, standsIn } = await findServing(db, project);
	if (!standsIn || connection === undefined) return null;
	const since = toIso(project.fallback_since ?? 0);
	return { connectionId: connection.id, providerId: connection.provider_id, modelId, since };
}

/** One step of the chain; `queued` before its job exists. */
export function toStepView(type: string, job: Job | undefined): StepView {
	return {
		type,
		jobId: job?.id ?? null,
		state: job?.state ?? 'queued',
		attempts: job?.attempts ?? 0,
		startedAt: job?.started_at == null ? null : toIso(job.started_at),
		finishedAt: job?.finished_at == null ? null : toIso(job.finished_at),
		error: job?.last_error ?? null,
	};
}

async function ownName(catalog: ViewDeps['directory'], project: Project): Promise<string> {
	const id = project.current_model_provider_id;
	return (id === null ? undefined : (await catalog.find(id))?.name) ?? id ?? 'The provider';
}

async function listNotices({ db, catalog }: ProjectViewDeps, project: Project): Promise<Notice[]> {
	const notices: Notice[] = [];
	if (project.status === 'error' && project.error !== null) {
		notices.push({ level: 'error', message: project.error, action: 'retry' });
	}
	notices.push(...(await limitNotices(db, project)));
	const { connection, standsIn } = await findServing(db, project);
	if (standsIn) {
		const own = await findOwn(db, project);
		const name = own === undefined ? await ownName(catalog, project) : await nameOf({ catalog }, own);
		const other = connection === undefined ? '' : await nameOf({ catalog }, connection);
		const message = `${name} does not serve. ${other} answers in its place.`;
		notices.push({ level: 'info', message, action: 'return' });
	} else if (connection === undefined) {
		const name = await ownName(catalog, project);
		notices.push({
			level: 'warn',
			message: `${name} is not connected. Connect it in Settings, or choose another model.`,
			action: 'settings',
		});
	} else if (!isAllowed(project, connection)) {
		const { message } = refusalWords(await nameOf({ catalog }, connection));
		notices.push({ level: 'warn', message: `${message} Change that in Settings.`, action: 'settings' });
	} else if (connection.status !== 'connected' && connection.error_message !== null) {
		notices.push({ level: 'warn', message: connection.error_message, action: 'settings' });
	}
	return [...notices, ...(await budgetNotices(db, project, connection?.id))];
}

function isBusy(job: Job | undefined): boolean {
	return job?.state === 'running' || job?.state === 'queued';
}

function toIso(time: number): string {
	return new Date(time).toISOString();
}
