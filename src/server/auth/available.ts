import { AppError } from '#server/errors.ts';
import type { AvailableProvider } from '#shared/providers.ts';
import type { CatalogData, CatalogProvider } from '../opencode/catalog.ts';
import { billingPage, signInPage } from './accounts/pages.ts';
import { DEMO_PROVIDER_ID, DEMO_PROVIDER_NAME } from './connections.ts';
import { promptsOf } from './input/fields.ts';

/** Shown first when a person adds a provider, in this order. */
const POPULAR = [
	'anthropic',
	'openai',
	'google',
	'openrouter',
	'github-copilot',
	'mistral',
	'groq',
	'deepseek',
	'xai',
	'opencode',
];

/** Where a person gets a key, by the providers' own documentation. */
const KEY_PAGES: Record<string, string> = {
	anthropic: 'https://console.anthropic.com/settings/keys',
	cerebras: 'https://cloud.cerebras.ai/platform',
	cohere: 'https://dashboard.cohere.com/api-keys',
	deepseek: 'https://platform.deepseek.com/api_keys',
	'fireworks-ai': 'https://fireworks.ai/account/api-keys',
	google: 'https://aistudio.google.com/apikey',
	groq: 'https://console.groq.com/keys',
	huggingface: 'https://huggingface.co/settings/tokens',
	mistral: 'https://console.mistral.ai/api-keys',
	moonshotai: 'https://platform.moonshot.ai/console/api-keys',
	nvidia: 'https://build.nvidia.com/settings/api-keys',
	openai: 'https://platform.openai.com/api-keys',
	opencode: 'https://opencode.ai/auth',
	openrouter: 'https://openrouter.ai/settings/keys',
	perplexity: 'https://www.perplexity.ai/account/api/keys',
	togetherai: 'https://api.together.ai/settings/api-keys',
	vercel: 'https://vercel.com/dashboard/ai-gateway/api-keys',
	xai: 'https://console.x.ai',
};

/** These need a package that OpenCode would fetch from npm while a project runs. */
const FETCHED_SDKS = [
	'ai-gateway-provider',
	'@aihubmix/ai-sdk-provider',
	'@jerome-benoit/sap-ai-provider-v2',
	'@qvac/ai-sdk-provider',
	'@saladtechnologies-oss/ai-sdk-provider',
	'merge-gateway-ai-sdk-provider',
	'watsonx-ai-provider',
];

/** Everything that can be connected, popular ones first, then by name. */
export function listAvailableProviders(catalog: CatalogData): AvailableProvider[] {
	const rank = (id: string): number => (POPULAR.includes(id) ? POPULAR.indexOf(id) : POPULAR.length);
	const providers = catalog.providers
		.map(toAvailable)
		.sort((one, other) => rank(one.id) - rank(other.id) || one.name.localeCompare(other.name));
	return [...providers, DEMO];
}

const DEMO: AvailableProvider = {
	id: DEMO_PROVIDER_ID,
	name: DEMO_PROVIDER_NAME,
	popular: false,
	modelCount: 1,
	authMethods: [{ type: 'api', label: 'No key needed', prompts: [] }],
	keyUrl: null,
	billingUrl: null,
	signInUrl: null,
	unavailable: null,
	scripted: true,
};

function toAvailable(provider: CatalogProvider): AvailableProvider {
	const listed = provider.authMethods;
	const ways = listed.length === 0 ? [{ type: 'api' as const, label: 'API key', prompts: [] }] : listed;
	const authMethods = ways.map((way) => (way.type === 'api' ? { ...way, prompts: promptsOf(provider) } : way));
	return {
		id: provider.id,
		name: provider.name,
		popular: POPULAR.includes(provider.id),
		modelCount: provider.models.length,
		authMethods,
		keyUrl: KEY_PAGES[provider.id] ?? null,
		billingUrl: billingPage(provider.id),
		signInUrl: signInPage(provider.id),
		unavailable: whyNot(provider, authMethods),
		scripted: false,
	};
}

/** Throws `AppError('invalid')` for a provider that cannot be connected here, with the reason that the list shows. */
export function requireAvailable(provider: CatalogProvider): void {
	const reason = toAvailable(provider).unavailable;
	if (reason !== null) throw new AppError('invalid', `${provider.name} cannot be connected: ${reason}`);
}

function whyNot(provider: CatalogProvider, methods: { type: string }[]): string | null {
	if (FETCHED_SDKS.includes(provider.npm))
		return 'OpenCode would have to download this provider’s package in each project.';
	if (provider.npm.startsWith('@ai-sdk/google-vertex'))
		return 'It takes the credentials of a Google Cloud account, which are files, not a key.';
	if (!methods.some(({ type }) => type === 'api')) return 'Signing in to this provider is not in this version yet.';
	return null;
}
