import { AppError } from '../../errors.ts';
import { isGatewayToken } from '../../gateway/tokens.ts';
import type { Logger } from '../../logger.ts';
import { openCodeFolders } from '../../opencode/server.ts';
import { echoRemoval } from '../../opencode/stored/echoes.ts';
import { readStoredSecrets } from '../../opencode/stored/secrets.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { projectPaths, requirePlainFolders } from '../paths.ts';

/** How long it may take, in ms. A database that an agent has prepared for it would take for ever. */
const DEADLINE = 10_000;

export type EchoServices = { dataDir: string; runtime: Pick<Runtime, 'run' | 'isolation'>; logger: Logger };

/**
 * Takes copied keys that a provider repeated out of the database of a project's OpenCode. A token of ours leads nowhere
 * else, and stays. What cannot be done is logged: nobody waits for it, and the project is hostile or broken.
 */
export async function removeEchoes(services: EchoServices, projectId: string): Promise<void> {
	const { home } = projectPaths(services.dataDir, projectId);
	const secrets = await readStoredSecrets(home);
	if (secrets.every((secret) => isGatewayToken(secret.reveal()))) return;
	try {
		await runRemoval(services, projectId);
	} catch (error) {
		services.logger.warn(
			{ err: error, projectId },
			'Keys that a provider repeated may be left in the database of a project’s OpenCode.',
		);
	}
}

async function runRemoval({ dataDir, runtime }: EchoServices, projectId: string): Promise<void> {
	const { root, home } = projectPaths(dataDir, projectId);
	const { program, ...command } = echoRemoval(home);
	const write = openCodeFolders(home);
	if (runtime.isolation.level !== 'not') await requirePlainFolders(root, write);
	const access = { write, read: [program], destinations: [], ports: [] };
	const { exitCode } = await runtime.run(projectId, command, access, AbortSignal.timeout(DEADLINE));
	// What it printed may repeat what an agent wrote.
	if (exitCode !== 0) throw new AppError('unavailable', `It ended with ${exitCode}.`);
}
