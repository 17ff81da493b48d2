import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { copyDatabase, findDatabaseFile, openCopy, toWords } from './copy.ts';
import { type LegacyRows, readRows } from './rows.ts';

export type Source = LegacyRows & {
	/** The old database, as it was found. */
	file: string;
	/** The folder it lies in, with the projects' folders. */
	folder: string;
};

/**
 * Reads an old database, from a copy in `temporary` that is gone again afterwards. Throws `AppError` with what is wrong:
 * `not_found`, or `invalid` for what is none, damaged, or lacks something.
 */
export async function readSource(path: string, temporary: string): Promise<Source> {
	const file = await findDatabaseFile(path);
	await mkdir(temporary, { recursive: true, mode: 0o700 });
	try {
		const database = openCopy(await copyDatabase(file, temporary), file);
		try {
			return { file, folder: dirname(file), ...readRows(database, file) };
		} catch (error) {
			throw toWords(error, file);
		} finally {
			database.close();
		}
	} finally {
		// It holds the keys as plain text.
		await rm(temporary, { recursive: true, force: true });
	}
}
