import type { CatalogModel } from '#server/opencode/catalogModels.ts';
import type { AuthPrompt, AuthType } from '#shared/providers.ts';

/** What the auth room needs of the provider catalogue. */
export type DirectoryProvider = {
	id: string;
	name: string;
	npm: string | null;
	api: string | null;
	models: readonly (Partial<CatalogModel> & { id: string; name: string })[];
	authMethods: readonly { type: AuthType; prompts?: AuthPrompt[] | undefined }[];
};
export type ProviderDirectory = { find(providerId: string): Promise<DirectoryProvider | undefined> };
