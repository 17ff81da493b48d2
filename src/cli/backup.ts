import { chmodSync, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '#server/errors.ts';
import { withDatabase } from './open.ts';

/** Copies the database, also while doce runs. The encryption key stays out: the two belong in different places. */
export async function backup(args: string[]): Promise<void> {
	const [target] = args;
	if (target === undefined) throw new AppError('invalid', 'Name the file to write: backup <file>.');
	const file = resolve(target);
	if (existsSync(file)) throw new AppError('conflict', `${file} exists already. Choose another name.`);
	await withDatabase(async (database, config) => {
		await database.backup(file);
		chmodSync(file, 0o600);
		console.log(`Database copied to ${file}.`);
		console.log(
			`Not in it: the encryption key (${config.masterKeyFile}), without which its credentials cannot be opened, and the projects' files.`,
		);
	});
}
