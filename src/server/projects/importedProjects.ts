import type { Db } from '../db/client.ts';
import { freeSlug } from './slug.ts';

export type ImportedProject = {
	id: string;
	userId: string;
	name: string;
	/** The slug it had: kept where it is a valid one that nobody has. */
	slug: string;
	prompt: string;
	model: { providerId: string; modelId: string | null };
	runtime: string;
	/** Epoch milliseconds. */
	createdAt: number;
};

/** Stores a project that was made elsewhere, stopped. Returns its slug here. */
export async function insertImportedProject(db: Db, project: ImportedProject): Promise<string> {
	const slug = await freeSlug(db, project.slug === '' ? project.name : project.slug);
	await db
		.insertInto('projects')
		.values({
			id: project.id,
			user_id: project.userId,
			name: project.name,
			slug,
			prompt: project.prompt,
			status: 'stopped',
			runtime: project.runtime,
			current_model_provider_id: project.model.providerId,
			current_model_id: project.model.modelId,
			last_active_at: project.createdAt,
			created_at: project.createdAt,
			updated_at: Date.now(),
		})
		.execute();
	return slug;
}

/** The ids of all projects, whose folders are doce's own. */
export async function listProjectIds(db: Db): Promise<Set<string>> {
	const rows = await db.selectFrom('projects').select('id').execute();
	return new Set(rows.map(({ id }) => id));
}
