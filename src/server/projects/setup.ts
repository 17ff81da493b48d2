import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Refresher } from '../auth/refresh/refresher.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { connectOpenCode, type OpenCode, waitUntilHealthy } from '../opencode/client.ts';
import { projectConfig } from '../opencode/config.ts';
import { openCodeBinary, openCodeCommand, prepareOpenCodeHome, removeStoredCredentials } from '../opencode/server.ts';
import type { Runtime, RuntimeAddress, RuntimeSpec } from '../runtime/runtime.ts';
import { describeProvider, type ProviderSources } from './connected.ts';
import { deliverCredentials, expectDelivery, findConnectionOf, forgetDeliveries } from './delivery.ts';
import { type Project, setProjectSession } from './projects.ts';
import type { Starter } from './workspace/starter.ts';
import { createWorkspace, previewCommand } from './workspace/workspace.ts';

/** How long OpenCode may take to answer after its start, in ms, on a machine that starts ten at once. */
const HEALTH_DEADLINE = 90_000;

/** What the steps of the chain work with. */
export type ProjectServices = ProviderSources & {
	dataDir: string;
	runtime: Runtime;
	logger: Logger;
	refresher: Refresher;
	/** The installed dependencies of new sites. */
	starter(): Promise<Starter>;
};

export function projectPaths(dataDir: string, projectId: string): { root: string; workspace: string; home: string } {
	const root = join(dataDir, 'projects', projectId);
	return { root, workspace: join(root, 'workspace'), home: join(root, 'opencode') };
}

/** Step 1: the site's files, from the starter. */
export async function prepareWorkspace(services: ProjectServices, project: Project): Promise<void> {
	const { workspace } = projectPaths(services.dataDir, project.id);
	if (existsSync(workspace)) return;
	await createWorkspace({ dir: workspace, starter: await services.starter() });
}

/** Step 2: OpenCode and the dev server, started where they do not run. */
export async function startRuntime(
	services: ProjectServices,
	project: Project,
	signal: AbortSignal,
): Promise<RuntimeAddress> {
	const running = await services.runtime.find(project.id);
	if (running !== undefined) return running;
	await expectDelivery(services.db, project.id);
	await writeConfig(services, project);
	return services.runtime.start(runtimeSpec(services, project), signal);
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

/** Step 4: the project's own credential. Nothing has loaded providers yet, so OpenCode needs no dispose. */
export async function setProviderCredentials(services: ProjectServices, project: Project, work: Work): Promise<void> {
	await deliverCredentials(services, project, await getOpenCode(services, project, work.signal), work.jobId);
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
 * credential, session. A turn that is still under way, from before a crash, is not disturbed.
 */
export async function makeReady(
	services: ProjectServices,
	project: Project,
	{ signal, jobId }: Work,
): Promise<{ openCode: OpenCode; sessionId: string }> {
	await prepareWorkspace(services, project);
	const running = await findOpenCode(services, project);
	const wasRunning = running !== undefined && (await running.isHealthy());
	const openCode = wasRunning ? running : await waitForOpenCode(services, project, signal);
	const isWorking = wasRunning && (await openCode.busySessions()).length > 0;
	if (!isWorking) await refresh(services, project, { openCode, jobId, loaded: wasRunning });
	return { openCode, sessionId: await ensureSession(services, project, openCode) };
}

type Refresh = { openCode: OpenCode; jobId: string; loaded: boolean };

/** The newest providers and credential; an OpenCode that has loaded the old ones needs a dispose to see them. */
async function refresh(
	services: ProjectServices,
	project: Project,
	{ openCode, jobId, loaded }: Refresh,
): Promise<void> {
	const isNewConfig = await writeConfig(services, project);
	const isNewCredential = await deliverCredentials(services, project, openCode, jobId);
	if (loaded && (isNewConfig || isNewCredential)) await openCode.dispose();
}

/**
 * Brings a running project up to date with its person's connections, with one dispose; a project that does not run
 * (`asleep`) gets the newest at its next start, one that works (`busy`) is not disturbed.
 */
export async function refreshProviders(
	services: ProjectServices,
	project: Project,
	jobId: string,
): Promise<'done' | 'asleep' | 'busy'> {
	const openCode = await findOpenCode(services, project);
	if (openCode === undefined || !(await openCode.isHealthy())) return 'asleep';
	if ((await openCode.busySessions()).length > 0) return 'busy';
	try {
		await refresh(services, project, { openCode, jobId, loaded: true });
	} catch (error) {
		// Its provider is gone, and its credential with it: that is all there is to do.
		if (!(error instanceof AppError && error.code === 'conflict')) throw error;
		await openCode.dispose();
	}
	return 'done';
}

/** The project's OpenCode, started if it does not run. */
export async function getOpenCode(services: ProjectServices, project: Project, signal: AbortSignal): Promise<OpenCode> {
	return (await findOpenCode(services, project)) ?? waitForOpenCode(services, project, signal);
}

/** The project's OpenCode, if it runs. */
export async function findOpenCode(services: ProjectServices, project: Project): Promise<OpenCode | undefined> {
	const address = await services.runtime.find(project.id);
	return address === undefined ? undefined : openCodeAt(services, project, address);
}

/** Writes what OpenCode is told of its provider; it reads that at its start and after each dispose. */
async function writeConfig(services: ProjectServices, project: Project): Promise<boolean> {
	const { home, workspace } = projectPaths(services.dataDir, project.id);
	const connection = await findConnectionOf(services.db, project);
	const providers =
		connection === undefined ? [] : [await describeProvider(services, connection, project.current_model_id)];
	return prepareOpenCodeHome(home, projectConfig({ providers, instructions: [join(workspace, 'AGENTS.md')] }));
}

/** Ends a project's processes. A project that does not run holds no credential: the next start hands it over again. */
export async function stopRuntime(services: ProjectServices, project: Project, jobId?: string): Promise<void> {
	await services.runtime.stop(project.id);
	await removeStoredCredentials(projectPaths(services.dataDir, project.id).home);
	await forgetDeliveries(services.db, project, jobId);
}

/** Removes everything of a project from the disk. Its processes must have ended. */
export async function removeProjectFiles(services: ProjectServices, projectId: string): Promise<void> {
	await services.runtime.destroy(projectId);
	await rm(projectPaths(services.dataDir, projectId).root, { recursive: true, force: true, maxRetries: 5 });
}

function runtimeSpec(services: ProjectServices, project: Project): RuntimeSpec {
	const { workspace, home } = projectPaths(services.dataDir, project.id);
	const password = randomBytes(24).toString('base64url');
	const binary = openCodeBinary();
	return {
		projectId: project.id,
		password,
		processes: [
			{
				name: 'opencode',
				command: (port) => ({ ...openCodeCommand({ binary, home, port, password }), cwd: workspace }),
			},
			{ name: 'preview', command: (port) => previewCommand({ workspace, port }) },
		],
	};
}

function openCodeAt(services: ProjectServices, project: Project, { opencode, password }: RuntimeAddress): OpenCode {
	return connectOpenCode({ ...opencode, password, directory: projectPaths(services.dataDir, project.id).workspace });
}
