import type { Db } from '../src/server/db/client.ts';
import { inTransaction } from '../src/server/db/client.ts';
import { newId } from '../src/server/db/id.ts';

const BATCH = 200;

/** Stores finished jobs, as a server that has run for a while has them. */
export async function storeJobs(
	db: Db,
	count: number,
	project: { id: string; userId: string } | undefined = undefined,
): Promise<void> {
	const now = Date.now();
	const rows = Array.from({ length: count }, () => ({
		id: newId(),
		type: 'chat.sendPrompt',
		lane: 'prompt' as const,
		state: 'succeeded' as const,
		project_id: project?.id ?? null,
		user_id: project?.userId ?? null,
		payload: '{}',
		priority: 0,
		max_attempts: 5,
		attempts: 1,
		run_at: now,
		created_at: now,
		started_at: now,
		finished_at: now,
		updated_at: now,
	}));
	await inTransaction(db, async (tx) => {
		for (let at = 0; at < rows.length; at += BATCH)
			await tx
				.insertInto('jobs')
				.values(rows.slice(at, at + BATCH))
				.execute();
	});
}

/** Stores stopped projects of one person. Returns their ids. */
export async function storeProjects(db: Db, userId: string, count: number): Promise<string[]> {
	const now = Date.now();
	const rows = Array.from({ length: count }, (_, n) => ({
		id: newId(),
		user_id: userId,
		name: `Site ${n}`,
		slug: `site-${n}`,
		prompt: 'A site',
		status: 'stopped' as const,
		runtime: 'process',
		last_active_at: now,
		created_at: now,
		updated_at: now,
	}));
	await inTransaction(db, async (tx) => {
		for (let at = 0; at < rows.length; at += BATCH)
			await tx
				.insertInto('projects')
				.values(rows.slice(at, at + BATCH))
				.execute();
	});
	return rows.map(({ id }) => id);
}
