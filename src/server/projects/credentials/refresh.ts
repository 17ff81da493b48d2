import { join } from 'node:path';
import type { Refresher } from '../../auth/refresh/refresher.ts';
import type { Live } from '../../live/live.ts';
import type { OpenCode } from '../../opencode/client.ts';
import { type OpenCodeSetup, projectConfig } from '../../opencode/config.ts';
import { isPrepared, prepareOpenCodeHome } from '../../opencode/server.ts';
import { describeProvider, type ProviderSources } from '../connected.ts';
import { projectPaths } from '../paths.ts';
import type { Project } from '../projects.ts';
import { findServing } from '../serving.ts';
import { announceConnection } from '../views.ts';
import { confirmDelivery, expectDelivery, planDelivery, sendCredentials } from './delivery.ts';
import { type EchoServices, removeEchoes } from './echoes.ts';
import { settlePending } from './readBack.ts';
import { isAllowed } from './sealedOnly.ts';

/** What is needed to keep an OpenCode up to date. */
export type RefreshServices = ProviderSources &
	EchoServices & {
		live: Live;
		/** Paths of extra plugins for OpenCode; only tests have some. */
		plugins?: string[] | undefined;
		/** Renews sign-ins. */
		refresher: Refresher;
		/** The OpenCodes, by identity, that have loaded no provider since their start: they need no dispose. */
		fresh: Set<string>;
	};

type Refresh = { openCode: OpenCode; jobId: string };

/**
 * Gives an idle OpenCode the newest providers and credential of its project, and takes what is not its project's any
 * more. One that has loaded the old ones needs a dispose to see the new ones, which would abort a running turn.
 * Until all of it is done the deliveries count as pending, so that an interrupted refresh is done again as a whole.
 */
export async function refresh(
	services: RefreshServices,
	project: Project,
	{ openCode, jobId }: Refresh,
): Promise<void> {
	const { home } = projectPaths(services.dataDir, project.id);
	const setup = await setupOf(services, project);
	const plan = await planDelivery(services, project);
	if (plan.isNews && plan.connection !== undefined) await announceConnection(services, plan.connection.id);
	if (plan.isCurrent && (await isPrepared(home, setup))) {
		await settlePending(services, project, { openCode, jobId });
		return;
	}
	if (await confirmSealed(services, project, { openCode, jobId })) return;
	await expectDelivery(services.db, project.id);
	await removeEchoes(services, project.id);
	await prepareOpenCodeHome(home, setup);
	await sendCredentials(services, project, openCode, plan);
	if (!services.fresh.has(openCode.identity)) await openCode.dispose();
	await confirmDelivery(services.db, project, plan, jobId);
	await settlePending(services, project, { openCode, jobId });
}

/**
 * Notes that a running project uses the newest version of a sealed credential: it is the gateway that does, so nothing
 * has to be sent, and nobody is disturbed. False when more has changed than that.
 */
export async function confirmSealed(
	services: RefreshServices,
	project: Project,
	{ openCode, jobId }: Refresh,
): Promise<boolean> {
	const plan = await planDelivery(services, project);
	if (!plan.isSealed || plan.surplus.length > 0) return false;
	const { home } = projectPaths(services.dataDir, project.id);
	if (!(await isPrepared(home, await setupOf(services, project)))) return false;
	if (!plan.isCurrent) await confirmDelivery(services.db, project, plan, jobId);
	await settlePending(services, project, { openCode, jobId });
	return true;
}

/** Writes what an OpenCode that is about to start is told of its provider. */
export async function writeConfig(services: RefreshServices, project: Project): Promise<void> {
	const { home } = projectPaths(services.dataDir, project.id);
	await prepareOpenCodeHome(home, await setupOf(services, project));
}

/** A project whose provider is not connected runs without one. */
async function setupOf(services: RefreshServices, project: Project): Promise<OpenCodeSetup> {
	const { workspace } = projectPaths(services.dataDir, project.id);
	const { connection, modelId } = await findServing(services.db, project);
	const isServed = connection !== undefined && isAllowed(project, connection);
	const providers = !isServed ? [] : [await describeProvider(services, connection, modelId)];
	return projectConfig({ providers, instructions: [join(workspace, 'AGENTS.md')], plugins: services.plugins });
}
