import type { CreateProjectInput, ProjectStatus } from '#shared/projects.ts';
import type { FallbackMode } from '#shared/providers.ts';
import { START_STEPS } from '#shared/queue.ts';
import { type AuditActor, recordAudit } from '../audit/audit.ts';
import { type Db, inTransaction } from '../db/client.ts';
import { newId } from '../db/id.ts';
import type { Row } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { enqueue, resumeWaiting } from '../queue/enqueue.ts';
import { findLatestJobs, listOpenJobs } from '../queue/jobs.ts';
import { forgetBudgets } from '../usage/budgetChanges.ts';
import type { User } from '../users/users.ts';
import { closeReceiptsOf } from './receipts.ts';
import { freeSlug, nameFromPrompt } from './slug.ts';

export type Project = Row<'projects'>;

/** Why a project is stopped that nobody wants to stop: it is not used, ran into a limit, or ended with its runtime. */
export type StopReason = 'idle' | 'limit' | 'away';

declare const owned: unique symbol;
/** A project that the caller may change: only `ownProject` makes one. */
export type OwnedProject = Project & { readonly [owned]: true };

/** The project, if it is the user's. Throws `not_found` otherwise, also when it is somebody else's. */
export async function ownProject(db: Db, user: User, projectId: string): Promise<OwnedProject> {
	const project = await findProject(db, projectId);
	if (project === undefined || project.user_id !== user.id)
		throw new AppError('not_found', 'There is no such project.');
	return project as OwnedProject;
}

export async function findProject(db: Db, projectId: string): Promise<Project | undefined> {
	return db.selectFrom('projects').selectAll().where('id', '=', projectId).executeTakeFirst();
}

/** The project, for a job. Throws `not_found` when it was deleted meanwhile. */
export async function getProject(db: Db, projectId: string): Promise<Project> {
	const project = await findProject(db, projectId);
	if (project === undefined) throw new AppError('not_found', 'The project has been deleted.');
	return project;
}

export async function findProjectBySlug(db: Db, slug: string): Promise<Project | undefined> {
	return db.selectFrom('projects').selectAll().where('slug', '=', slug).executeTakeFirst();
}

/** A person's projects, the one used last first. */
export async function listProjects(db: Db, userId: string): Promise<Project[]> {
	return db
		.selectFrom('projects')
		.selectAll()
		.where('user_id', '=', userId)
		.orderBy('last_active_at', 'desc')
		.limit(1_000)
		.execute();
}

/** All projects of a status, the one used last first, by whomever. */
export async function listProjectsByStatus(db: Db, status: ProjectStatus): Promise<Project[]> {
	return db.selectFrom('projects').selectAll().where('status', '=', status).orderBy('last_used_at', 'desc').execute();
}

/** Those of `projectIds` that are the person's. */
export async function listProjectsOfUser(db: Db, userId: string, projectIds: string[]): Promise<Project[]> {
	return db.selectFrom('projects').selectAll().where('user_id', '=', userId).where('id', 'in', projectIds).execute();
}

/** Stores the project and its first job, in one transaction. The chain goes on from there. */
export async function createProject(
	db: Db,
	user: User,
	input: CreateProjectInput,
	model: { providerId: string; modelId: string },
	runtime: string,
): Promise<{ projectId: string; slug: string }> {
	return inTransaction(db, async (tx) => {
		const name = input.name ?? nameFromPrompt(input.prompt);
		const slug = await freeSlug(tx, name);
		const projectId = newId();
		const now = Date.now();
		await tx
			.insertInto('projects')
			.values({
				id: projectId,
				user_id: user.id,
				name,
				slug,
				prompt: input.prompt,
				status: 'creating',
				runtime,
				current_model_provider_id: model.providerId,
				current_model_id: model.modelId,
				last_used_at: now,
				last_active_at: now,
				created_at: now,
				updated_at: now,
			})
			.execute();
		await enqueue(tx, { type: 'project.create', payload: { projectId }, projectId, userId: user.id });
		return { projectId, slug };
	});
}

/** Starts the setup chain again at the runtime, unless it is under way. Every step of it finds what is there already. */
export async function wakeProject(db: Db, project: Project): Promise<void> {
	if (project.status === 'deleting') throw new AppError('conflict', 'The project is being deleted.');
	const { id: projectId, user_id: userId } = project;
	await inTransaction(db, async (tx) => {
		if ((await listOpenJobs(tx, projectId, START_STEPS)).length > 0) return;
		await setProjectStatus(tx, projectId, 'creating');
		const steps = await findLatestJobs(tx, projectId, ['project.create']);
		const isCreated = steps.get('project.create')?.state === 'succeeded';
		await enqueue(tx, {
			type: isCreated ? 'runtime.start' : 'project.create',
			payload: { projectId },
			projectId,
			userId,
		});
	});
}

/** Enqueues the end of its processes. `why`, where no person asked for it, is said in the job's log. */
export async function stopProject(db: Db, project: Project, why?: StopReason): Promise<void> {
	if (project.status === 'deleting') throw new AppError('conflict', 'The project is being deleted.');
	const { id: projectId, user_id: userId } = project;
	await enqueue(db, {
		type: 'project.stop',
		payload: { projectId, ...(why && { why }) },
		projectId,
		userId,
		dedupeKey: `stop:${projectId}`,
	});
}

/** Marks the project and enqueues the job that removes its processes, files and row. */
export async function deleteProject(db: Db, project: OwnedProject): Promise<void> {
	const { id: projectId, user_id: userId } = project;
	await inTransaction(db, async (tx) => {
		await setProjectStatus(tx, projectId, 'deleting');
		await enqueue(tx, {
			type: 'project.delete',
			payload: { projectId },
			projectId,
			userId,
			dedupeKey: `delete:${projectId}`,
		});
	});
}

export async function setProjectStatus(
	db: Db,
	projectId: string,
	status: ProjectStatus,
	error: string | null = null,
): Promise<void> {
	await db
		.updateTable('projects')
		.set({ status, error, updated_at: Date.now() })
		.where('id', '=', projectId)
		// Nothing brings a project back that is being deleted.
		.where('status', '!=', 'deleting')
		.execute();
}

/** Takes effect with the next message; a running project's OpenCode is told as soon as it is idle. */
export async function setProjectModel(
	db: Db,
	project: OwnedProject,
	model: { providerId: string; modelId: string },
): Promise<void> {
	const { id: projectId, user_id: userId } = project;
	await inTransaction(db, async (tx) => {
		await tx
			.updateTable('projects')
			.set({ current_model_provider_id: model.providerId, current_model_id: model.modelId, updated_at: Date.now() })
			.set({ fallback_connection_id: null, fallback_model_id: null, fallback_since: null })
			.where('id', '=', projectId)
			.execute();
		// What waits for the provider that was chosen before may go on with this one.
		await resumeWaiting(tx, { projectId });
		await enqueue(tx, { type: 'credentials.deliver', payload: { projectId }, projectId, userId });
	});
}

/** null: as the person has set it for all projects. */
export async function setProjectFallback(
	db: Db,
	person: { id: string; actor: AuditActor },
	project: OwnedProject,
	mode: FallbackMode | null,
): Promise<void> {
	const { id: projectId } = project;
	await inTransaction(db, async (tx) => {
		await tx
			.updateTable('projects')
			.set({ fallback: mode, updated_at: Date.now() })
			.where('id', '=', projectId)
			.execute();
		if (mode === 'automatic' || mode === null) await resumeWaiting(tx, { projectId });
		const detail = { mode: mode ?? 'as in settings' };
		await recordAudit(tx, {
			actor: person.actor,
			userId: person.id,
			action: 'project.fallback',
			projectId,
			detail,
		});
	});
}

export async function setProjectSession(db: Db, projectId: string, openCodeSessionId: string): Promise<void> {
	await db
		.updateTable('projects')
		.set({ opencode_session_id: openCodeSessionId, updated_at: Date.now() })
		.where('id', '=', projectId)
		.execute();
}

export async function touchProject(db: Db, projectId: string): Promise<void> {
	await db.updateTable('projects').set({ last_active_at: Date.now() }).where('id', '=', projectId).execute();
}

/** Removes the row and what hangs on it. Jobs, usage and audit entries stay: they are the record. */
export async function forgetProject(db: Db, projectId: string): Promise<void> {
	await closeReceiptsOf(db, projectId);
	await forgetBudgets(db, 'project', projectId);
	await db.deleteFrom('projects').where('id', '=', projectId).execute();
}
