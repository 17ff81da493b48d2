import {
	type ConnectionRow,
	DEMO_PROVIDER_ID,
	DEMO_PROVIDER_NAME,
	listConnections,
	metadataOf,
	openStoredCredential,
	type ViewDeps,
	viewConnections,
} from '../auth/connections.ts';
import type { Keyring } from '../auth/keys/keyring.ts';
import { isElsewhere } from '../auth/sealing/upstream.ts';
import type { Db } from '../db/client.ts';
import { AppError } from '../errors.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Catalog } from '../opencode/catalog.ts';
import { type CatalogModel, plainModel } from '../opencode/catalogModels.ts';
import { PACKAGE_OF_FORMAT, type ProviderSetup } from '../opencode/config.ts';
import type { ConnectedProvider } from './models.ts';
import { rankOfFamily } from './nearestModel.ts';

/** What the connected providers are read from. */
export type ProviderSources = {
	db: Db;
	keyring: Keyring;
	catalog: Catalog;
	/** The scripted demo, which is part of this server. */
	demo: { modelId: string; modelName: string; baseUrl(): string };
	gateway: Gateway;
};

/** A person's connected providers with the models that can build a site, best first; the default provider first. */
export async function listConnectedProviders(sources: ProviderSources, userId: string): Promise<ConnectedProvider[]> {
	const all = await listConnections(sources.db, userId);
	// Of several accounts the one in use speaks for its provider.
	const rows = all.toSorted((one, other) => other.active - one.active);
	const views = await viewConnections({ ...sources, directory: sources.catalog }, rows);
	const providers = new Map<string, ConnectedProvider>();
	for (const [index, row] of rows.entries()) {
		const connection = views[index];
		if (connection === undefined || providers.has(row.provider_id)) continue;
		providers.set(row.provider_id, { connection, models: await listBuilders(sources, row) });
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
 * Sealed, it is found at the gateway, which adds what the connection needs; else extra headers are opened here, and the
 * key goes another way. Throws `AppError('conflict')` when the model is gone, or cannot be reached so.
 */
export async function describeProvider(
	sources: ProviderSources,
	row: ConnectionRow,
	modelId: string | null,
): Promise<ProviderSetup> {
	const { custom } = metadataOf(row);
	const known = await sources.catalog.find(row.provider_id);
	const format = custom?.format ?? null;
	const name = known?.name ?? custom?.name ?? row.provider_id;
	const model = (await modelsOf(sources, row)).find(({ id }) => id === modelId);
	if (model === undefined) {
		throw new AppError('conflict', `${name} has no model "${modelId}" any more. Choose another model, then retry.`);
	}
	const identity = { providerId: row.provider_id, name, models: [model] };
	const npm = format === null ? (known?.npm ?? PACKAGE_OF_FORMAT['chat-completions']) : PACKAGE_OF_FORMAT[format];
	if (row.delivery === 'sealed') {
		requireReachable(row, model, name);
		const own = format === null && row.base_url === null ? model.provider?.npm : undefined;
		return { ...identity, npm: own ?? npm, baseURL: sources.gateway.addressOf(row.id) };
	}
	return {
		...identity,
		npm,
		baseURL: row.provider_id === DEMO_PROVIDER_ID ? sources.demo.baseUrl() : (row.base_url ?? undefined),
		api: known?.api,
		headers: await openHeaders(sources, row, custom?.headerNames ?? []),
	};
}

/** Never copied instead without being asked: whoever wants that says so in Settings. */
function requireReachable(row: ConnectionRow, model: CatalogModel, name: string): void {
	if (!isElsewhere(model, row)) return;
	throw new AppError(
		'conflict',
		`${model.name} is at another address than the rest of ${name}, where its key cannot stay outside projects. Choose another model, or let the key be copied in Settings.`,
	);
}

async function openHeaders(
	sources: ProviderSources,
	row: ConnectionRow,
	names: string[],
): Promise<Record<string, string>> {
	if (names.length === 0 || sources.keyring.state.kind === 'locked') return {};
	const { headers } = await openStoredCredential(sources.db, sources.keyring, row);
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
}

/** A described endpoint has the models its owner named, and those of the catalogue's provider it stands in for. */
async function modelsOf({ catalog, demo }: ProviderSources, row: ConnectionRow): Promise<CatalogModel[]> {
	if (row.provider_id === DEMO_PROVIDER_ID) return [plainModel(demo.modelId, demo.modelName)];
	const listed = (await catalog.find(row.provider_id))?.models ?? [];
	const named = metadataOf(row).custom?.models ?? [];
	const known = new Map(listed.map((model) => [model.id, model]));
	const own = named.map(({ id, name }) => known.get(id) ?? plainModel(id, name));
	return [...own, ...listed.filter(({ id }) => !named.some((model) => model.id === id))];
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
