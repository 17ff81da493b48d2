import type { LimitName, LimitValues, OwnLimits, ProjectLimits } from '#shared/limits.ts';
import { LIMIT_FIELDS, limitWords } from '#shared/limits.ts';
import { recordAudit } from '../../audit/audit.ts';
import type { Person } from '../../auth/connectionChanges.ts';
import { type Db, inTransaction } from '../../db/client.ts';
import { AppError } from '../../errors.ts';
import type { Limits, Runtime } from '../../runtime/runtime.ts';
import { findProject, type OwnedProject, type Project } from '../projects.ts';
import { checkLimits, getRuntimeSettings, limitBounds } from './settings.ts';

const MB = 1024 * 1024;

/** A change of a project's own limits: what is not given stays, null is as for all projects. */
export type LimitsChange = { [Field in keyof OwnLimits]?: OwnLimits[Field] | undefined };

/** What a project may use, its own limits before those of all projects. */
export async function limitsOf(db: Db, project: Project): Promise<LimitValues> {
	const { defaults } = await getRuntimeSettings(db);
	const own = ownLimitsOf(project);
	return {
		memoryMb: own.memoryMb ?? defaults.memoryMb,
		cpus: own.cpus ?? defaults.cpus,
		diskMb: own.diskMb ?? defaults.diskMb,
	};
}

/** The same as the runtime wants it. */
export async function runtimeLimitsOf(db: Db, project: Project): Promise<Limits> {
	const { memoryMb, cpus, diskMb } = await limitsOf(db, project);
	return { memoryBytes: memoryMb * MB, cpus, diskBytes: diskMb * MB };
}

export async function viewLimits(
	{ db, runtime }: { db: Db; runtime: Pick<Runtime, 'keeps'> },
	project: Project,
): Promise<ProjectLimits> {
	const { defaults } = await getRuntimeSettings(db);
	return { own: ownLimitsOf(project), defaults, bounds: limitBounds(), keeps: [...runtime.keeps] };
}

/**
 * Sets the project's own limits; they hold at once where it runs. A limit that it ran into and that is higher now is
 * forgotten. Throws `AppError('invalid')` that says what is allowed, `forbidden` for who may not give it so much, and
 * `conflict` when it uses more than that now.
 */
export async function setProjectLimits(
	{ db, runtime }: { db: Db; runtime: Pick<Runtime, 'limit'> },
	person: Person,
	project: OwnedProject,
	change: LimitsChange,
): Promise<void> {
	checkLimits(withoutUndefined(change));
	if (person.role !== 'admin') await checkShare(db, project, change);
	const own = { ...ownLimitsOf(project), ...withoutUndefined(change) };
	const changed = { ...project, memory_mb: own.memoryMb, cpus: own.cpus, disk_mb: own.diskMb };
	// Asked first: what cannot hold is not stored.
	await runtime.limit(project.id, await runtimeLimitsOf(db, changed));
	const before = await limitsOf(db, project);
	const after = await limitsOf(db, changed);
	const { reached } = project;
	const isRaised = reached !== null && after[LIMIT_FIELDS[reached]] > before[LIMIT_FIELDS[reached]];
	await inTransaction(db, async (tx) => {
		await tx
			.updateTable('projects')
			.set({ memory_mb: own.memoryMb, cpus: own.cpus, disk_mb: own.diskMb, updated_at: Date.now() })
			.$if(isRaised, (query) => query.set({ reached: null }))
			.where('id', '=', project.id)
			.execute();
		const detail = { ...own };
		const subject = { userId: person.id, projectId: project.id };
		await recordAudit(tx, { actor: person.actor, ...subject, action: 'project.limits', detail });
	});
}

/** More than all projects have is for an admin to give; what a project was given it may keep. */
async function checkShare(db: Db, project: Project, change: LimitsChange): Promise<void> {
	const { defaults } = await getRuntimeSettings(db);
	const own = ownLimitsOf(project);
	for (const [limit, field] of Object.entries(LIMIT_FIELDS) as [LimitName, keyof LimitValues][]) {
		const most = Math.max(defaults[field], own[field] ?? 0);
		if ((change[field] ?? 0) <= most) continue;
		const share = `${limitWords(limit, most)}${limit === 'cpus' ? '' : ` of ${limit}`}`;
		throw new AppError('forbidden', `Only an admin can give a project more than ${share}.`);
	}
}

/** Holds what runs to the limits as they are set now; a project that uses more at the moment gets them at its next start. */
export async function limitProjects({
	db,
	runtime,
}: {
	db: Db;
	runtime: Pick<Runtime, 'list' | 'limit'>;
}): Promise<void> {
	for (const projectId of await runtime.list()) {
		const project = await findProject(db, projectId);
		if (project === undefined) continue;
		try {
			await runtime.limit(projectId, await runtimeLimitsOf(db, project));
		} catch (error) {
			if (!(error instanceof AppError)) throw error;
		}
	}
}

/** Notes the limit that a project ran into, for its person; null forgets it. */
export async function setReachedLimit(db: Db, projectId: string, reached: LimitName | null): Promise<void> {
	await db.updateTable('projects').set({ reached, updated_at: Date.now() }).where('id', '=', projectId).execute();
}

function ownLimitsOf({ memory_mb, cpus, disk_mb }: Project): OwnLimits {
	return { memoryMb: memory_mb, cpus, diskMb: disk_mb };
}

function withoutUndefined(change: LimitsChange): Partial<OwnLimits> {
	return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
