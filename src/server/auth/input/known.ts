import { DEMO_PROVIDER_ID, DEMO_PROVIDER_NAME } from '../connections.ts';
import type { DirectoryProvider, ProviderDirectory } from './directory.ts';

/** What the catalogue knows of a provider; the demo is known too. */
export async function findKnown(
	directory: ProviderDirectory,
	providerId: string,
): Promise<DirectoryProvider | undefined> {
	return providerId === DEMO_PROVIDER_ID ? DEMO : directory.find(providerId);
}

const DEMO: DirectoryProvider = {
	id: DEMO_PROVIDER_ID,
	name: DEMO_PROVIDER_NAME,
	npm: null,
	api: null,
	models: [],
	authMethods: [],
};
