import type { ImportedProjectLine } from '#shared/legacy.ts';
import { type AuditActor, recordAudit } from '../audit/audit.ts';
import { findConnectionForProvider } from '../auth/connections.ts';
import { addImportedMessage } from '../chat/messages.ts';
import type { Db } from '../db/client.ts';
import { insertImportedProject } from '../projects/importedProjects.ts';
import { findProject, getProject } from '../projects/projects.ts';
import { recordDone } from '../queue/enqueue.ts';
import type { User } from '../users/users.ts';
import { findTaken, noteTaken } from './ledger.ts';
import type { Owners } from './people.ts';
import type { LegacyProject } from './source/rows.ts';
import type { Staged } from './staging.ts';

type ProjectOptions = {
	owners: Owners;
	/** The files that were copied and wait to become workspaces, by project. */
	staged: ReadonlyMap<string, Staged>;
	runtime: string;
	actor: AuditActor;
};

/** Takes the projects over that were not deleted. To be called in the import's transaction, after the people. */
export async function takeProjects(
	tx: Db,
	projects: LegacyProject[],
	options: ProjectOptions,
): Promise<ImportedProjectLine[]> {
	const lines: ImportedProjectLine[] = [];
	for (const project of projects) if (!project.deleted) lines.push(await takeProject(tx, project, options));
	return lines;
}

async function takeProject(tx: Db, project: LegacyProject, options: ProjectOptions): Promise<ImportedProjectLine> {
	const owner = options.owners.get(project.ownerOldId);
	const line = newLine(project, owner);
	const taken = await findTaken(tx, 'project', project.id);
	if (taken !== undefined) return describeTaken(tx, taken, line);
	const staged = options.staged.get(project.id);
	if (owner === undefined || staged === undefined) {
		const isKnown = options.owners.has(project.ownerOldId);
		const why = isKnown ? 'Its owner was removed from doce.' : 'Its owner is not in the old database.';
		return { ...line, outcome: 'skipped', notes: [why] };
	}
	return { ...line, ...(await store(tx, project, { owner, staged, options })) };
}

type Storing = { owner: User; staged: Staged; options: ProjectOptions };

async function store(
	tx: Db,
	project: LegacyProject,
	{ owner, staged, options }: Storing,
): Promise<Partial<ImportedProjectLine>> {
	const { name, slug: wish, prompt, model, createdAt } = project;
	const { id: userId } = owner;
	const row = { id: project.id, userId, name, slug: wish, prompt, model, runtime: options.runtime, createdAt };
	const slug = await insertImportedProject(tx, row);
	await takePrompt(tx, project, owner, staged);
	await noteTaken(tx, 'project', project.id, project.id);
	const detail = { name, workspace: staged.workspace };
	await recordAudit(tx, { actor: options.actor, userId, projectId: project.id, action: 'project.imported', detail });
	const notes = describe(project, staged);
	if (slug !== wish) notes.unshift(`The slug "${wish}" became "${slug}".`);
	if ((await findConnectionForProvider(tx, userId, model.providerId)) === undefined)
		notes.push(`Its owner has to connect ${model.providerId} before its first start.`);
	return { projectId: project.id, slug, outcome: 'imported', workspace: staged.workspace, notes };
}

/** The first prompt is the first message; where the site was built from it already, nothing sends it again. */
async function takePrompt(tx: Db, project: LegacyProject, owner: User, staged: Staged): Promise<void> {
	if (project.prompt !== '') await addImportedMessage(tx, await getProject(tx, project.id));
	if (project.prompt !== '' && !isBuilt(project, staged)) return;
	const payload = { projectId: project.id };
	const job = { type: 'opencode.sendInitialPrompt', payload, projectId: project.id, userId: owner.id } as const;
	await recordDone(tx, job, project.createdAt, 'Done by the application that doce replaces');
}

function isBuilt(project: LegacyProject, staged: Staged): boolean {
	return project.promptSent && staged.workspace === 'copied';
}

async function describeTaken(tx: Db, projectId: string, line: ImportedProjectLine): Promise<ImportedProjectLine> {
	const row = await findProject(tx, projectId);
	if (row === undefined) return { ...line, outcome: 'removed' };
	return { ...line, projectId, slug: row.slug, outcome: 'unchanged' };
}

function describe(project: LegacyProject, staged: Staged): string[] {
	const { model, promptSent, promptCompleted } = project;
	const notes = [...staged.notes];
	if (project.prompt === '') notes.push('It had no first prompt.');
	else if (!promptSent) notes.push('Its first prompt was never sent: it is sent at the first start.');
	else if (staged.workspace !== 'copied') notes.push('Its first start builds the site anew from its first prompt.');
	else if (!promptCompleted) notes.push('Its first prompt had not been finished.');
	if (model.modelId === null) notes.push('It has no model: choose one before its first start.');
	return notes;
}

function newLine(project: LegacyProject, owner: User | undefined): ImportedProjectLine {
	return {
		projectId: null,
		name: project.name,
		owner: owner?.name ?? null,
		slug: null,
		outcome: 'imported',
		workspace: null,
		notes: [],
	};
}
