import {
	type ConnectionRow,
	type Credential,
	DEMO_PROVIDER_ID,
	DEMO_PROVIDER_NAME,
	listConnections,
	metadataOf,
	openStoredCredential,
} from '../auth/connections.ts';
import type { Keyring } from '../auth/keys/keyring.ts';

import { getDefaultModel, LEGACY_PROVIDER_ID } from '../auth/legacy/legacyKey.ts';
import { SIGN_INS } from '../auth/oauth/recipes.ts';
import { type ViewDeps, viewConnections } from '../auth/views.ts';
import { modelsOfWellKnown } from '../auth/wellknown/stored.ts';

import type { Db } from '../db/client.ts';
import { AppError } from '../errors.ts';
import type { Catalog } from '../opencode/catalog.ts';
import { type CatalogModel, plainModel } from '../opencode/catalogModels.ts';
import { PACKAGE_OF_FORMAT, type ProviderModel, type ProviderSetup } from '../opencode/config.ts';
import { revealed, withFields, withOrganisation } from './described.ts';
import type { ConnectedProvider } from './models.ts';
import { rankOfFamily } from './nearestModel.ts';

/** What the connected providers are read from. */
export type ProviderSources = {
	db: Db;
	keyring: Keyring;
	catalog: Catalog;
	/** The scripted demo, which is part of this server. */
	demo: { modelId: string; modelName: string; baseUrl(): string };
};

/** A person's connected providers with the models that can build a site, best first; the default provider first. */
export async function listConnectedProviders(sources: ProviderSources, userId: string): Promise<ConnectedProvider[]> {
	const all = await listConnections(sources.db, userId);
	// Of several accounts the one in use speaks for its provider.
	const rows = all.toSorted((one, other) => other.active - one.active);
	const views = await viewConnections({ ...sources, directory: sources.catalog }, rows, () => 0);
	const chosen = await getDefaultModel(sources.db, userId);
	const isChosen = ({ id }: { id: string }): number => Number(id === chosen);
	const providers = new Map<string, ConnectedProvider>();
	for (const [index, row] of rows.entries()) {
		const connection = views[index];
		if (connection === undefined || providers.has(row.provider_id)) continue;
		const models = await listBuilders(sources, row);
		if (row.provider_id === LEGACY_PROVIDER_ID) models.sort((one, other) => isChosen(other) - isChosen(one));
		providers.set(row.provider_id, { connection, models });
	}
	return [...providers.values()].sort(
		(one, other) => Number(other.connection.preferred) - Number(one.connection.preferred),
	);
}

/** The models of a connection that can build a site, best first. */
export async function listBuilders(
	sources: ProviderSources,
	row: ConnectionRow,
): Promise<{ id: string; name: string }[]> {
	const models = (await modelsOf(sources, row)).filter(canBuildSites).sort(better);
	return models.map(({ id, name }) => ({ id, name }));
}

/** What people call a connection's provider. */
export async function nameOf({ catalog }: { catalog: ViewDeps['directory'] }, row: ConnectionRow): Promise<string> {
	if (row.provider_id === DEMO_PROVIDER_ID) return DEMO_PROVIDER_NAME;
	return (await catalog.find(row.provider_id))?.name ?? metadataOf(row).custom?.name ?? row.provider_id;
}

/**
 * How a project's OpenCode is told of its provider: the one model it uses, and nothing of the person's other providers.
 * Extra headers are opened here; the key goes another way. Throws `AppError('conflict')` when the model is gone.
 */
export async function describeProvider(
	sources: ProviderSources,
	row: ConnectionRow,
	modelId: string | null,
): Promise<ProviderSetup> {
	const { custom, fields, wellKnown } = metadataOf(row);
	const known = await sources.catalog.find(row.provider_id);
	const format = custom?.format ?? null;
	const name = (wellKnown && custom?.name) ?? known?.name ?? custom?.name ?? row.provider_id;
	const model = (await modelsOf(sources, row)).find(({ id }) => id === modelId) ?? unlistedModel(row, modelId);
	if (model === undefined) {
		throw new AppError('conflict', `${name} has no model "${modelId}" any more. Choose another model, then retry.`);
	}
	const setup: ProviderSetup = {
		providerId: row.provider_id,
		name,
		npm: format !== null ? PACKAGE_OF_FORMAT[format] : (known?.npm ?? PACKAGE_OF_FORMAT['chat-completions']),
		baseURL: row.provider_id === DEMO_PROVIDER_ID ? sources.demo.baseUrl() : (row.base_url ?? undefined),
		api: known?.api,
		models: [model],
		...(row.auth_type === 'oauth' && SIGN_INS[row.provider_id]?.setup?.(fields)),
	};
	const opened = await openForConfig(sources, row);
	if (wellKnown !== undefined) return withOrganisation(setup, wellKnown, opened);
	return withFields({ ...setup, headers: revealed(opened.headers) }, known, metadataOf(row).fields);
}

/** The credential of a connection whose configuration holds secrets too; nothing while they cannot be opened. */
async function openForConfig(sources: ProviderSources, row: ConnectionRow): Promise<Credential> {
	const { custom } = metadataOf(row);
	const isNeeded = row.auth_type === 'wellknown' || (custom?.headerNames ?? []).length > 0;
	if (!isNeeded || sources.keyring.state.kind === 'locked') return { key: undefined, headers: {} };
	return openStoredCredential(sources.db, sources.keyring, row);
}

/** A described endpoint has the models its owner named, and those of the catalogue's provider it stands in for. */
async function modelsOf({ catalog, demo }: ProviderSources, row: ConnectionRow): Promise<ProviderModel[]> {
	if (row.provider_id === DEMO_PROVIDER_ID) return [plainModel(demo.modelId, demo.modelName)];
	const serves = row.auth_type === 'oauth' ? SIGN_INS[row.provider_id]?.serves : undefined;
	const listed = (await catalog.find(row.provider_id))?.models.filter(({ id }) => serves?.(id) ?? true) ?? [];
	const { custom, wellKnown } = metadataOf(row);
	if (wellKnown !== undefined) return modelsOfWellKnown(wellKnown, listed);
	const named = custom?.models ?? [];
	const known = new Map(listed.map((model) => [model.id, model]));
	const own = named.map(({ id, name }) => known.get(id) ?? plainModel(id, name));
	return [...own, ...listed.filter(({ id }) => !named.some((model) => model.id === id))];
}

/** OpenRouter takes the id of any model; the catalogue leaves out old ones, which imported projects may use. */
function unlistedModel(row: ConnectionRow, modelId: string | null): CatalogModel | undefined {
	const isRouted = row.provider_id === LEGACY_PROVIDER_ID && /^[^/\s]+\/[^/\s]+$/.test(modelId ?? '');
	return isRouted ? plainModel(modelId ?? '') : undefined;
}

function canBuildSites(model: CatalogModel): boolean {
	const writesText = model.modalities.output.includes('text');
	return model.tool_call && writesText;
}

/** The better known family first, then the newer model; models that their owner named keep their order. */
function better(one: CatalogModel, other: CatalogModel): number {
	if (one.release_date === '' || other.release_date === '') return 0;
	return rankOfFamily(one.id) - rankOfFamily(other.id) || other.release_date.localeCompare(one.release_date);
}
