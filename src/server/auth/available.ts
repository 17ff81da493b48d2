import { AppError } from '#server/errors.ts';
import type { AuthMethod, AvailableProvider } from '#shared/providers.ts';
import type { CatalogData, CatalogProvider } from '../opencode/catalog.ts';
import { billingPage, signInPage } from './accounts/pages.ts';
import { DEMO_PROVIDER_ID, DEMO_PROVIDER_NAME } from './connections.ts';
import { promptsOf } from './input/fields.ts';
import { findRecipe, SIGN_INS, type SignInRecipes } from './oauth/recipes.ts';

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

/** Everything that can be connected, popular ones first, then by name. `recipes` are those for signing in. */
export function listAvailableProviders(catalog: CatalogData, recipes: SignInRecipes = SIGN_INS): AvailableProvider[] {
	const rank = (id: string): number => (POPULAR.includes(id) ? POPULAR.indexOf(id) : POPULAR.length);
	const providers = catalog.providers
		.map((provider) => toAvailable(provider, recipes))
		.sort((one, other) => rank(one.id) - rank(other.id) || one.name.localeCompare(other.name));
	return [...providers, DEMO];
}

const DEMO: AvailableProvider = {
	id: DEMO_PROVIDER_ID,
	name: DEMO_PROVIDER_NAME,
	popular: false,
	modelCount: 1,
	authMethods: [{ method: 0, type: 'api', label: 'No key needed', prompts: [] }],
	keyUrl: null,
	billingUrl: null,
	signInUrl: null,
	unavailable: null,
	scripted: true,
};

function toAvailable(provider: CatalogProvider, recipes: SignInRecipes): AvailableProvider {
	const authMethods = methodsOf(provider, recipes);
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

/** OpenCode's own list, in its order, since a method goes by its place in it. */
function methodsOf(provider: CatalogProvider, recipes: SignInRecipes): AuthMethod[] {
	if (provider.authMethods.length === 0)
		return [{ method: 0, type: 'api', label: 'API key', prompts: promptsOf(provider) }];
	return provider.authMethods.map((listed, method) => {
		if (listed.type === 'api') return { method, ...listed, prompts: promptsOf(provider) };
		if (listed.type !== 'oauth') return { method, ...listed };
		const recipe = findRecipe(provider.id, recipes);
		if ('refused' in recipe) return { method, ...listed, unavailable: recipe.refused };
		return { method, ...listed, redirects: recipe.redirects?.test(listed.label) ?? false };
	});
}

/** Throws `AppError('invalid')` for a provider that cannot be connected here, with the reason that the list shows. */
export function requireAvailable(provider: CatalogProvider, recipes: SignInRecipes = SIGN_INS): void {
	const reason = toAvailable(provider, recipes).unavailable;
	if (reason !== null) throw new AppError('invalid', `${provider.name} cannot be connected: ${reason}`);
}

function whyNot(provider: CatalogProvider, methods: AuthMethod[]): string | null {
	if (FETCHED_SDKS.includes(provider.npm))
		return 'OpenCode would have to download this provider’s package in each project.';
	if (provider.npm.startsWith('@ai-sdk/google-vertex'))
		return 'It takes the credentials of a Google Cloud account, which are files, not a key.';
	if (methods.some(({ unavailable }) => unavailable === undefined)) return null;
	return methods[0]?.unavailable ?? null;
}
