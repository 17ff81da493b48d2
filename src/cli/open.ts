import { existsSync } from 'node:fs';
import { type Config, loadConfig } from '#server/config.ts';
import { databaseFile, type OpenDatabase, openDatabase } from '#server/db/client.ts';
import { AppError } from '#server/errors.ts';

/** Opens the data folder for one command, also beside a running server, and closes it afterwards. */
export async function withDatabase<T>(work: (database: OpenDatabase, config: Config) => Promise<T>): Promise<T> {
	const config = loadConfig();
	const file = databaseFile(config.dataDir);
	if (!existsSync(file)) {
		throw new AppError(
			'not_found',
			`There is no database at ${file}. Start doce once first, or set DOCE_DATA_DIR to its data folder.`,
		);
	}
	const database = await openDatabase(file);
	try {
		return await work(database, config);
	} finally {
		await database.close();
	}
}
