import { join } from 'node:path';
import type { ImportLegacyInput, LegacyReport } from '#shared/legacy.ts';
import { type AuditActor, recordAudit } from '../audit/audit.ts';
import { type Keyring, lockedMessage } from '../auth/keys/keyring.ts';
import { type Db, inTransaction } from '../db/client.ts';
import { AppError } from '../errors.ts';
import { listPlainKeys, listSafeKeys } from './keys/plainKeys.ts';
import { findTaken } from './ledger.ts';
import { findOldProjects, type OldProject } from './oldProjects.ts';
import { takePeople } from './people.ts';
import { takeProjects } from './projects.ts';
import { describeLeftBehind, summarize } from './report.ts';
import { readSource, type Source } from './source/source.ts';
import { placeWorkspaces, type Staged, stage } from './staging.ts';
import { withTemporaryFolder } from './temporary.ts';

export type LegacyDeps = { db: Db; keyring: Keyring; dataDir: string };
type Options = { runtime: string; actor: AuditActor };

/**
 * Takes over people, keys and projects of the application that doce replaces: all of it or nothing, from a copy, and
 * nothing twice. Old files are read and left as they are. Throws `AppError` with what is wrong with the source.
 */
export async function importLegacy(
	deps: LegacyDeps,
	input: ImportLegacyInput,
	options: Options,
): Promise<LegacyReport> {
	const { db, keyring, dataDir } = deps;
	const locked = lockedMessage(keyring);
	if (locked !== undefined) throw new AppError('unavailable', locked);
	return withTemporaryFolder(dataDir, async (folder) => {
		const source = await readSource(input.path, join(folder, 'database'));
		const known = (await listSafeKeys(deps, source.people)).map(({ key }) => key);
		const old = await findOldProjects(db, dataDir, source, known);
		const staged = await stageNew(db, join(folder, 'workspaces'), old);
		const taken = await store(deps, { source, staged, matchUsers: input.matchUsers === true, ...options });
		const plainKeys = await listPlainKeys(deps, source, old);
		const deletedProjects = source.projects.filter(({ deleted }) => deleted).length;
		const skipped = { deletedProjects, ...source.counts };
		const leftBehind = describeLeftBehind(skipped);
		return { source: source.file, summary: summarize(taken), ...taken, skipped, leftBehind, plainKeys };
	});
}

async function stageNew(db: Db, room: string, old: OldProject[]): Promise<Map<string, Staged>> {
	const staged = new Map<string, Staged>();
	for (const { project, ...files } of old) {
		const isNew = !project.deleted && (await findTaken(db, 'project', project.id)) === undefined;
		if (isNew) staged.set(project.id, await stage(room, project, files));
	}
	return staged;
}

type Store = Options & { source: Source; staged: Map<string, Staged>; matchUsers: boolean };

/** The one transaction; the files move into place at its end, and back if it fails. */
async function store(
	{ db, keyring, dataDir }: LegacyDeps,
	{ source, staged, matchUsers, runtime, actor }: Store,
): Promise<Pick<LegacyReport, 'people' | 'projects'>> {
	let undo = (): void => undefined;
	try {
		return await inTransaction(db, async (tx) => {
			const { lines: people, owners } = await takePeople(tx, source.people, { keyring, matchUsers, actor });
			const projects = await takeProjects(tx, source.projects, { owners, staged, runtime, actor });
			const imported = projects.filter(({ outcome }) => outcome === 'imported');
			const detail = { people: people.length, projects: imported.length, matchUsers };
			await recordAudit(tx, { actor, action: 'legacy.imported', detail });
			const ids = imported.flatMap(({ projectId }) => projectId ?? []);
			undo = placeWorkspaces(dataDir, staged, ids);
			return { people, projects };
		});
	} catch (error) {
		undo();
		throw error;
	}
}
