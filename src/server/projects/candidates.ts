import { type ConnectionRow, DEMO_PROVIDER_ID, listConnections } from '../auth/connections.ts';
import { listBuilders, nameOf, type ProviderSources } from './connected.ts';
import { isAllowed } from './credentials/sealedOnly.ts';
import { nearestModel } from './nearestModel.ts';
import type { Project } from './projects.ts';

/** Who could answer in place of a project's own provider. */
export type StandIn = {
	connectionId: string;
	providerId: string;
	providerName: string;
	modelId: string;
	modelName: string;
};

/**
 * The first connection, in the person's order of preference, that works as far as is known and has a model that can
 * build a site: the nearest to the project's own. None of `refusedBy`, and never the scripted demo.
 */
export async function findStandInFor(
	sources: ProviderSources,
	project: Project,
	refusedBy: readonly string[],
): Promise<StandIn | undefined> {
	for (const row of await listConnections(sources.db, project.user_id)) {
		const standIn = refusedBy.includes(row.id) || !couldServe(row) ? undefined : await standInOf(sources, project, row);
		if (standIn !== undefined) return standIn;
	}
	return undefined;
}

/** A connection with its model that is nearest to the project's own; undefined when it has none that can build a site, or may not serve the project. */
export async function standInOf(
	sources: ProviderSources,
	project: Project,
	row: ConnectionRow,
): Promise<StandIn | undefined> {
	if (!isAllowed(project, row)) return undefined;
	const model = nearestModel(await listBuilders(sources, row), project.current_model_id ?? '');
	if (model === undefined) return undefined;
	const providerName = await nameOf(sources, row);
	return { connectionId: row.id, providerId: row.provider_id, providerName, modelId: model.id, modelName: model.name };
}

function couldServe(row: ConnectionRow): boolean {
	if (row.provider_id === DEMO_PROVIDER_ID || row.sealed_credential === null) return false;
	return row.status === 'connected' && (row.retry_at ?? 0) <= Date.now();
}
