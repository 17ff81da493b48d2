import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openKeyring } from '#server/auth/keys/keyring.ts';
import { forgetCredentials, rotateDataKey } from '#server/auth/keys/rotation.ts';
import { AppError } from '#server/errors.ts';
import { createLogger } from '#server/logger.ts';
import { removeStoredCredentials } from '#server/opencode/stored/secrets.ts';
import { removeEchoes } from '#server/projects/credentials/echoes.ts';
import { projectPaths } from '#server/projects/paths.ts';
import { createProcessRuntime } from '#server/runtime/process.ts';
import { withDatabase } from './open.ts';

/** The encryption keys: a new data key for everything that is stored, or giving up what cannot be opened any more. */
export async function keys(args: string[]): Promise<void> {
	const options = { 'forget-credentials': { type: 'boolean' } } as const;
	const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
	await withDatabase(async ({ db }, config) => {
		if (positionals[0] === 'rotate') {
			const { resealed } = await rotateDataKey(db, await openKeyring(db, config));
			console.log(`${resealed} stored secrets are sealed with a new data key. Restart doce if it is running.`);
		} else if (positionals[0] === 'reset' && values['forget-credentials']) {
			const forgotten = await forgetCredentials(db);
			await removeProjectCopies(config.dataDir);
			console.log(
				`${forgotten} stored credentials were forgotten. Restart doce, then enter the keys again in Settings.`,
			);
		} else if (positionals[0] === 'reset') {
			throw new AppError(
				'invalid',
				'This forgets every stored credential. To do it, say: keys reset --forget-credentials',
			);
		} else {
			throw new AppError('invalid', 'Say what to do: keys rotate, or keys reset --forget-credentials.');
		}
	});
}

/** What projects that do not run may still hold, after a crash. One that runs loses it when doce is started again. */
async function removeProjectCopies(dataDir: string): Promise<void> {
	const projects = join(dataDir, 'projects');
	if (!existsSync(projects)) return;
	const logger = createLogger('warn');
	const runtime = createProcessRuntime({ dir: join(dataDir, 'run'), logger });
	const running = await runtime.list();
	for (const id of await readdir(projects)) {
		if (running.includes(id)) continue;
		await removeEchoes({ dataDir, runtime, logger }, id);
		await removeStoredCredentials(projectPaths(dataDir, id).home);
	}
}
