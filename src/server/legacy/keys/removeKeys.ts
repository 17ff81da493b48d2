import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { KeyRemoval } from '#shared/legacy.ts';
import { type AuditActor, recordAudit } from '../../audit/audit.ts';
import { lockedMessage } from '../../auth/keys/keyring.ts';
import { AppError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import { removeKeyLines } from '../files/envFile.ts';
import { codeOf } from '../files/paths.ts';
import type { LegacyDeps } from '../importLegacy.ts';
import { findOldProjects, type OldProject } from '../oldProjects.ts';
import { readSource, type Source } from '../source/source.ts';
import { withTemporaryFolder } from '../temporary.ts';
import type { EraseOrder, Erasure } from './eraseWorker.ts';
import { placeOf } from './keyFiles.ts';
import { isSafe, listSafeKeys, type SafeKey } from './plainKeys.ts';

/**
 * Takes the keys that doce holds out of the old files: out of the database, which is then written anew, and the lines of
 * `.env` files. Everything else in them stays. What could not be done is said, file by file.
 */
export async function removePlainKeys(deps: LegacyDeps, path: string, actor: AuditActor): Promise<KeyRemoval> {
	const locked = lockedMessage(deps.keyring);
	if (locked !== undefined) throw new AppError('unavailable', locked);
	return withTemporaryFolder(deps.dataDir, async (folder) => {
		const source = await readSource(path, join(folder, 'database'));
		const safe = await listSafeKeys(deps, source.people);
		const done: KeyRemoval = { removed: [], left: [] };
		await removeFromDatabase(source, safe, done);
		const known = safe.map(({ key }) => key);
		for (const old of await findOldProjects(deps.db, deps.dataDir, source, known))
			await removeFromFolder(old, safe, done);
		const detail = { removed: done.removed.length, left: done.left.length };
		await recordAudit(deps.db, { actor, action: 'legacy.keysRemoved', detail });
		return done;
	});
}

async function removeFromDatabase(source: Source, safe: SafeKey[], done: KeyRemoval): Promise<void> {
	const { file: path, people } = source;
	const present = safe.filter(({ inDatabase }) => inDatabase);
	const others = people.filter(({ key, id }) => key !== undefined && !present.some(({ person }) => person.id === id));
	const names = others.map(({ username }) => username).join(', ');
	if (others.length > 0) done.left.push({ path, why: `doce does not hold the present key of ${names}.` });
	const keys = safe.map(({ key }) => key);
	// Without a key in the settings there may still be traces, of an earlier time that could not be ended.
	if (present.length === 0 && !(await holdsAny(path, keys))) return;
	const { erased, problem } = await erase({ file: path, keys: present.map(toOrder) });
	if (problem !== null) return void done.left.push({ path, why: problem });
	if (await holdsAny(path, keys))
		done.left.push({ path, why: 'A key is still found in the file, in another place than the settings.' });
	done.removed.push({ path, what: erased === 1 ? '1 key' : `${erased} keys` });
}

async function removeFromFolder({ found, keyFiles }: OldProject, safe: SafeKey[], done: KeyRemoval): Promise<void> {
	if (found.kind !== 'found') return;
	for (const file of keyFiles) {
		const path = placeOf(found.folder, file);
		if (file.kind === 'file') {
			done.left.push({ path, why: 'doce changes .env files only: take the key out by hand.' });
			continue;
		}
		const known = file.keys.filter((key) => isSafe(safe, key));
		if (known.length < file.keys.length) done.left.push({ path, why: 'It holds a key that doce does not have.' });
		if (known.length > 0) await removeFromEnv(path, known, done);
	}
}

async function removeFromEnv(path: string, keys: Secret[], done: KeyRemoval): Promise<void> {
	try {
		const lines = await removeKeyLines(path, keys);
		if (lines > 0) done.removed.push({ path, what: lines === 1 ? '1 line' : `${lines} lines` });
	} catch (error) {
		if (!['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ELOOP'].includes(codeOf(error))) throw error;
		done.left.push({ path, why: 'doce may not write it.' });
	}
}

function toOrder({ person, key }: SafeKey): EraseOrder['keys'][number] {
	return { userId: person.oldId, key: key.reveal() };
}

/** In a thread of its own: writing a large database anew takes seconds. */
function erase(order: EraseOrder): Promise<Erasure> {
	return new Promise((resolve, reject) => {
		const worker = new Worker(new URL('./eraseWorker.ts', import.meta.url), { workerData: order });
		worker.once('message', resolve).once('error', reject);
	});
}

/** Whether the bytes of a database, or of what it has not written back yet, hold one of `keys`. */
async function holdsAny(file: string, keys: Secret[]): Promise<boolean> {
	if (keys.length === 0) return false;
	const longest = Math.max(...keys.map((key) => Buffer.byteLength(key.reveal())));
	for (const part of [file, `${file}-wal`].filter((path) => existsSync(path))) {
		let tail = Buffer.alloc(0);
		for await (const chunk of createReadStream(part, { highWaterMark: 1024 * 1024 })) {
			const bytes = Buffer.concat([tail, chunk as Buffer]);
			if (keys.some((key) => bytes.includes(key.reveal()))) return true;
			tail = bytes.subarray(-longest);
		}
	}
	return false;
}
