import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

export type EraseOrder = { file: string; keys: { userId: string; key: string }[] };
/** `problem` is written for a person. */
export type Erasure = { erased: number; problem: string | null };

/** How long another application may keep the database to itself, in ms. */
const PATIENCE = 5_000;

parentPort?.postMessage(erase(workerData as EraseOrder));

function erase({ file, keys }: EraseOrder): Erasure {
	let erased = 0;
	try {
		const database = new DatabaseSync(file, { timeout: PATIENCE });
		try {
			// What is freed is overwritten, and the file is written anew without it.
			database.exec('pragma secure_delete = on; begin immediate;');
			const blank = emptyValue(database);
			const update = database.prepare(
				`update user_settings set openrouter_api_key = ${blank} where cast(user_id as text) = ? and trim(openrouter_api_key) = ?`,
			);
			for (const { userId, key } of keys) erased += Number(update.run(userId, key).changes);
			database.exec('commit; vacuum; pragma wal_checkpoint(truncate);');
		} finally {
			database.close();
		}
		return { erased, problem: null };
	} catch (error) {
		return { erased, problem: describe(error) };
	}
}

/** NULL, or where the column takes none an empty text. */
function emptyValue(database: DatabaseSync): string {
	const column = database
		.prepare(`select "notnull" as needed from pragma_table_info('user_settings') where name = 'openrouter_api_key'`)
		.get();
	return column?.['needed'] === 1 ? "''" : 'null';
}

function describe(error: unknown): string {
	const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
	if (code === 5 || code === 6) return 'The old application is using it. Stop that, then try again.';
	if (code === 8 || code === 14) return 'doce may not write it.';
	if (code === 13) return 'The disk is full: it could not be written anew.';
	throw error;
}
