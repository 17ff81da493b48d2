import { pathToFileURL } from 'node:url';
import type { WireFormat } from '#shared/providers.ts';
import type { CatalogModel } from './catalogModels.ts';

/** One provider that a project may use. */
export type ProviderSetup = {
	providerId: string;
	name?: string | undefined;
	/** The AI SDK package that speaks to it; all of `PACKAGE_OF_FORMAT` come with OpenCode. */
	npm?: string | undefined;
	/** The catalogue's own address, which single models may differ from. */
	api?: string | null | undefined;
	/** An address that replaces every other. */
	baseURL?: string | undefined;
	/** Extra request headers. They end in a file that only the project's user can read, never in the environment. */
	headers?: Record<string, string> | undefined;
	/** Further options of its package, such as a region. */
	options?: Record<string, unknown> | undefined;
	/** With `baseURL`: single models keep the package that is named for them. */
	mixedPackages?: boolean | undefined;
	models: ProviderModel[];
};

/** `upstreamId`: the name the provider knows it by, where that is another one. */
export type ProviderModel = CatalogModel & { upstreamId?: string | undefined };

/**
 * What `prepareOpenCodeHome` writes. The configuration describes the providers in full and the list of models stays
 * empty: OpenCode reads its configuration again after a dispose, but its list of models only at its start.
 */
export type OpenCodeSetup = { config: Record<string, unknown>; models: Record<string, unknown> };

/** The package that speaks a wire format. */
export const PACKAGE_OF_FORMAT: Record<WireFormat, string> = {
	'chat-completions': '@ai-sdk/openai-compatible',
	responses: '@ai-sdk/openai',
	messages: '@ai-sdk/anthropic',
	'generate-content': '@ai-sdk/google',
};

/**
 * The configuration of one project's OpenCode: these providers and no others. It holds no key; keys are set through
 * the client. `instructions` are absolute paths of files that tell the agent its surroundings: nothing in the
 * workspace is read by itself. `plugins` are paths of extra plugins; only tests have some.
 */
export function projectConfig(project: {
	providers: ProviderSetup[];
	instructions?: string[];
	plugins?: string[] | undefined;
}): OpenCodeSetup {
	const { providers, instructions = [], plugins = [] } = project;
	return {
		config: {
			$schema: 'https://opencode.ai/config.json',
			autoupdate: false,
			share: 'disabled',
			lsp: false,
			formatter: false,
			// A question that nobody can answer would block the agent for ever.
			permission: { '*': 'allow', external_directory: 'deny', question: 'deny' },
			enabled_providers: providers.map(({ providerId }) => providerId),
			provider: Object.fromEntries(providers.map((provider) => [provider.providerId, describe(provider)])),
			instructions,
			...(plugins.length > 0 && { plugin: plugins.map((path) => pathToFileURL(path).href) }),
		},
		models: {},
	};
}

function describe(provider: ProviderSetup): Record<string, unknown> {
	const { baseURL, headers = {}, options = {} } = provider;
	return {
		name: provider.name ?? provider.providerId,
		npm: provider.npm ?? PACKAGE_OF_FORMAT['chat-completions'],
		...(provider.api && { api: provider.api }),
		// A key comes from the client alone, so no variable is looked at.
		env: [],
		options: {
			...options,
			...(baseURL !== undefined && { baseURL }),
			...(Object.keys(headers).length > 0 && { headers: inPlaceOfKey(headers) }),
		},
		models: Object.fromEntries(provider.models.map(({ id, ...model }) => [id, describeModel(model, provider)])),
	};
}

/** Written like this it replaces the header that the package makes of the key; in lower case both would be sent as one. */
function inPlaceOfKey({ authorization, ...headers }: Record<string, string>): Record<string, string> {
	return { ...headers, ...(authorization !== undefined && { Authorization: authorization }) };
}

/** An address of the owner's is for every model, also for those that have one of their own. */
function describeModel(
	{ provider, upstreamId, ...model }: Omit<ProviderModel, 'id'>,
	{ baseURL, mixedPackages = false }: ProviderSetup,
): Record<string, unknown> {
	const keepsPackage = provider?.npm !== undefined && mixedPackages;
	const own = baseURL === undefined ? provider : keepsPackage ? { npm: provider.npm } : undefined;
	return { ...model, ...(upstreamId !== undefined && { id: upstreamId }), ...(own !== undefined && { provider: own }) };
}
