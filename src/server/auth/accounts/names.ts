import type { Db } from '#server/db/client.ts';
import { DEMO_PROVIDER_ID, DEMO_PROVIDER_NAME, metadataOf } from '../connections.ts';
import type { ProviderDirectory } from '../input/directory.ts';

type ConnectionName = { providerName: string; label: string };

/** The names of connections, whoever they belong to; those that are gone are left out. */
export async function nameConnections(
	db: Db,
	directory: Pick<ProviderDirectory, 'find'>,
	connectionIds: readonly string[],
): Promise<Map<string, ConnectionName>> {
	if (connectionIds.length === 0) return new Map();
	const rows = await db
		.selectFrom('provider_connections')
		.select(['id', 'provider_id', 'label', 'metadata'])
		.where('id', 'in', connectionIds)
		.execute();
	const named = rows.map(async (row) => {
		const known = await nameProvider(directory, row.provider_id);
		return [
			row.id,
			{ label: row.label, providerName: known ?? metadataOf(row).custom?.name ?? row.provider_id },
		] as const;
	});
	return new Map(await Promise.all(named));
}

/** What a provider of the catalogue is called; undefined for one that is not in it. */
export async function nameProvider(
	directory: Pick<ProviderDirectory, 'find'>,
	providerId: string,
): Promise<string | undefined> {
	return providerId === DEMO_PROVIDER_ID ? DEMO_PROVIDER_NAME : (await directory.find(providerId))?.name;
}
