import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, databaseFile, openDatabase } from '#server/db/client.ts';
import { createProject, getProject, type Project } from '#server/projects/projects.ts';
import { createSignIn } from '#server/users/signIn.ts';
import { findFirstAdmin } from '#server/users/users.ts';

/** A data folder with a real database and one new project in it, for tests. */
export type OneProject = {
	dir: string;
	db: Db;
	projectId: string;
	/** The project as it is now. */
	project(): Promise<Project>;
	close(): Promise<void>;
};

export async function openOneProject(): Promise<OneProject> {
	const dir = mkdtempSync(join(tmpdir(), 'doce-boot-'));
	const { db, close } = await openDatabase(databaseFile(dir));
	const publicUrl = new URL('http://localhost:4321');
	await createSignIn({ db, secret: 'a secret of sufficient length', publicUrl }).createFirstAdmin('ada', 'long enough');
	const ada = await findFirstAdmin(db);
	if (ada === undefined) throw new Error('ada is missing');
	const model = { providerId: 'mine', modelId: 'm' };
	const { projectId } = await createProject(db, ada, { prompt: 'A page' }, model, 'process');
	return {
		dir,
		db,
		projectId,
		project: () => getProject(db, projectId),
		close: async () => {
			await close();
			rmSync(dir, { recursive: true });
		},
	};
}
