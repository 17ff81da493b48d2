import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isLegacyConnectionId } from '../auth/legacy/legacyKey.ts';
import { endAccess, type Gateway } from '../gateway/gateway.ts';
import type { Logger } from '../logger.ts';
import { connectOpenCode, type OpenCode, waitUntilHealthy } from '../opencode/client.ts';
import { openCodeBinary, openCodeCommand } from '../opencode/server.ts';
import { removeStoredCredentials } from '../opencode/stored/secrets.ts';
import { RetryLater } from '../queue/handler.ts';
import type { Runtime, RuntimeAddress, RuntimeSpec } from '../runtime/runtime.ts';
import { accessOf, accessOfOpenCode, destinationsOf, npmApart } from './access.ts';
import { expectDelivery, forgetDeliveries } from './credentials/delivery.ts';
import { removeEchoes } from './credentials/echoes.ts';
import { settlePending } from './credentials/readBack.ts';
import { confirmSealed, type RefreshServices, refresh, writeConfig } from './credentials/refresh.ts';
import { runtimeLimitsOf } from './life/limits.ts';
import { projectPaths } from './paths.ts';
import { type Project, setProjectSession } from './projects.ts';
import { findServing } from './serving.ts';
import { completeWorkspace, isComplete } from './workspace/complete.ts';
import type { Starter } from './workspace/starter.ts';
import { unshareFiles } from './workspace/unshare.ts';
import { createWorkspace, previewCommand } from './workspace/workspace.ts';

/** How long OpenCode may take to answer after its start, in ms, on a machine that starts ten at once. */
const HEALTH_DEADLINE = 90_000;

/** How long a working agent, or a slow one, is left alone before it is asked again, in ms. */
export const BUSY_DELAY = 1_500;
export const BUSY_WORDS = 'The agent is working; its turn is not disturbed';

/** What the steps of the chain work with. */
export type ProjectServices = RefreshServices & {
	runtime: Runtime;
	gateway: Gateway;
	logger: Logger;
	/** The installed dependencies of new sites. */
	starter(): Promise<Starter>;
};

/**
 * Step 1: the site's files, from the starter. One that came from elsewhere, without its packages, gets those: returns
 * what a person should know of that.
 */
export async function prepareWorkspace(services: ProjectServices, project: Project): Promise<string[]> {
	const { workspace } = projectPaths(services.dataDir, project.id);
	if (isComplete(workspace)) return [];
	const isApart = services.runtime.isolation.level !== 'not';
	if (existsSync(workspace)) {
		// While it runs, its agent can remove what it likes, and put it back itself.
		if ((await services.runtime.list()).includes(project.id)) return [];
		const apart = isApart ? { npm: npmApart(services.runtime, project.id), sharesPackages: false } : {};
		return completeWorkspace({ dir: workspace, starter: await services.starter(), ...apart });
	}
	await createWorkspace({ dir: workspace, starter: await services.starter(), sharesPackages: !isApart });
	return [];
}

/** Step 2: OpenCode and the dev server, started where they do not run. */
export async function startRuntime(
	services: ProjectServices,
	project: Project,
	signal: AbortSignal,
): Promise<RuntimeAddress> {
	const { runtime, fresh } = services;
	const running = await runtime.find(project.id);
	if (running !== undefined) return running;
	// An OpenCode that lives, beside a preview that does not, is told of changes by a refresh.
	if ((await runtime.find(project.id, 'opencode')) === undefined) {
		await expectDelivery(services.db, project.id);
		await warnOfLegacyKey(services, project);
		await writeConfig(services, project);
	}
	const { workspace } = projectPaths(services.dataDir, project.id);
	if (runtime.isolation.level !== 'not') await unshareFiles(runtime, { projectId: project.id, workspace });
	const spec = await runtimeSpec(services, project);
	const address = await runtime.start(spec, signal);
	if (address.password === spec.password) fresh.add(openCodeAt(services, project, address).identity);
	return address;
}

/** Step 3: OpenCode answers, and has booted the project without loading providers yet. */
export async function waitForOpenCode(
	services: ProjectServices,
	project: Project,
	signal: AbortSignal,
): Promise<OpenCode> {
	const deadline = AbortSignal.any([signal, AbortSignal.timeout(HEALTH_DEADLINE)]);
	const find = async () => openCodeAt(services, project, await startRuntime(services, project, signal));
	const openCode = await waitUntilHealthy(find, deadline);
	await openCode.warm();
	return openCode;
}

/** Step 4: the project's own credential. A new OpenCode has not loaded providers yet, and needs no dispose. */
export async function setProviderCredentials(services: ProjectServices, project: Project, work: Work): Promise<void> {
	const openCode = await getOpenCode(services, project, work.signal);
	if (await isWorking(services, openCode)) throw new RetryLater(BUSY_DELAY, BUSY_WORDS);
	await refreshIn(services, project, { openCode, jobId: work.jobId });
}

/** Step 5: the project's OpenCode session; the first one is found again. */
export async function ensureSession(services: ProjectServices, project: Project, openCode: OpenCode): Promise<string> {
	const { id, name, opencode_session_id: known } = project;
	if (known !== null && known !== ASKED && (await openCode.hasSession(known))) return known;
	// Noted before it is asked for: after a crash between the two the first session is looked for, which takes longer.
	if (known === null) await setProjectSession(services.db, id, ASKED);
	const sessionId = known === null ? await openCode.createSession(id, name) : await openCode.ensureSession(id, name);
	await setProjectSession(services.db, id, sessionId);
	return sessionId;
}

/** In place of a session's id: one was asked for, and may exist. */
const ASKED = '';

export type Work = { signal: AbortSignal; jobId: string };

/**
 * Brings a project to the point where a prompt can be sent, from wherever it is: files, processes, the newest
 * credential, session. A turn that is still under way, from before a crash, is not disturbed: then nothing was refreshed.
 */
export async function makeReady(
	services: ProjectServices,
	project: Project,
	{ signal, jobId }: Work,
): Promise<{ openCode: OpenCode; sessionId: string; isRefreshed: boolean }> {
	await prepareWorkspace(services, project);
	const openCode = await findHealthy(services, project, signal);
	const isRefreshed = !(await isWorking(services, openCode));
	if (isRefreshed) await refreshIn(services, project, { openCode, jobId });
	return { openCode, sessionId: await ensureSession(services, project, openCode), isRefreshed };
}

/** Opens the way to the provider first: a fenced project reaches no other. */
async function refreshIn(
	services: ProjectServices,
	project: Project,
	by: { openCode: OpenCode; jobId: string },
): Promise<void> {
	await services.runtime.allow(project.id, await destinationsOf(services, project));
	await refresh(services, project, by);
}

/** Whether a turn is under way; an OpenCode without providers has none. */
async function isWorking({ fresh }: ProjectServices, openCode: OpenCode): Promise<boolean> {
	return !fresh.has(openCode.identity) && (await openCode.busySessions()).length > 0;
}

async function findHealthy(services: ProjectServices, project: Project, signal: AbortSignal): Promise<OpenCode> {
	const address = await services.runtime.find(project.id);
	const running = address === undefined ? undefined : openCodeAt(services, project, address);
	return running !== undefined && (await running.isHealthy()) ? running : waitForOpenCode(services, project, signal);
}

/**
 * Brings a running project up to date with its person's connections; one that does not run gets the newest at its
 * next start. Throws `RetryLater` for one that works, or does not answer: neither is disturbed.
 */
export async function refreshProviders(
	services: ProjectServices,
	project: Project,
	jobId: string,
): Promise<'done' | 'asleep'> {
	const openCode = await findOpenCode(services, project);
	if (openCode !== undefined) {
		if (!(await openCode.isHealthy())) throw new RetryLater(BUSY_DELAY, 'OpenCode does not answer');
		if (await confirmSealed(services, project, { openCode, jobId })) return 'done';
		if (await isWorking(services, openCode)) throw new RetryLater(BUSY_DELAY, BUSY_WORDS);
		await refreshIn(services, project, { openCode, jobId });
	}
	const isProved = await settlePending(services, project, { openCode, jobId });
	if (!isProved && openCode !== undefined) throw new Error('A credential is not proved to be gone');
	return openCode === undefined ? 'asleep' : 'done';
}

/** The project's OpenCode, started if it does not run. */
export async function getOpenCode(services: ProjectServices, project: Project, signal: AbortSignal): Promise<OpenCode> {
	return (await findOpenCode(services, project)) ?? waitForOpenCode(services, project, signal);
}

/** The project's OpenCode, if it runs. */
export async function findOpenCode(services: ProjectServices, project: Project): Promise<OpenCode | undefined> {
	const address = await services.runtime.find(project.id, 'opencode');
	return address === undefined ? undefined : openCodeAt(services, project, address);
}

async function warnOfLegacyKey({ db, logger }: ProjectServices, project: Project): Promise<void> {
	const { connection } = await findServing(db, project);
	if (connection === undefined || !isLegacyConnectionId(connection.id)) return;
	const words =
		'A project starts with a legacy OpenRouter key. That is deprecated: upgrade it to a connection in Settings.';
	logger.warn({ projectId: project.id, userId: project.user_id }, words);
}

/** Ends a project's processes. A project that does not run holds no credential: the next start hands it over again. */
export async function stopRuntime(services: ProjectServices, project: Project, jobId?: string): Promise<void> {
	const { home } = projectPaths(services.dataDir, project.id);
	await endAccess(services, { projectId: project.id });
	await services.runtime.stop(project.id);
	await services.gateway.stopListeningFor(project.id);
	// First the echoes: without the credential nobody knows any more what to look for.
	await removeEchoes(services, project.id);
	await removeStoredCredentials(home);
	await forgetDeliveries(services.db, project, jobId);
	await settlePending(services, project, { openCode: undefined, jobId });
}

/** Removes everything of a project from the disk. Its processes must have ended. */
export async function removeProjectFiles(services: ProjectServices, projectId: string): Promise<void> {
	await endAccess(services, { projectId });
	await services.runtime.destroy(projectId);
	await services.gateway.stopListeningFor(projectId);
	await rm(projectPaths(services.dataDir, projectId).root, { recursive: true, force: true, maxRetries: 5 });
}

async function runtimeSpec(services: ProjectServices, project: Project): Promise<RuntimeSpec> {
	const { workspace, home } = projectPaths(services.dataDir, project.id);
	const password = randomBytes(24).toString('base64url');
	const binary = openCodeBinary();
	const { plugins = [] } = services;
	return {
		projectId: project.id,
		limits: await runtimeLimitsOf(services.db, project),
		password,
		access: await accessOf(services, project),
		processes: [
			{
				name: 'opencode',
				own: await accessOfOpenCode(services, project),
				command: (port) => ({ ...openCodeCommand({ binary, home, port, password, plugins }), cwd: workspace }),
			},
			{ name: 'preview', command: (port) => previewCommand({ workspace, port }) },
		],
	};
}

function openCodeAt(services: ProjectServices, project: Project, { opencode, password }: RuntimeAddress): OpenCode {
	return connectOpenCode({ ...opencode, password, directory: projectPaths(services.dataDir, project.id).workspace });
}
