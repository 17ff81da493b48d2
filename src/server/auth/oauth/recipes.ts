import { z } from 'zod';

/** How new tokens are asked for: where, and as whom. A copy of it goes to the process that does it. */
export const renewal = z.object({
	/** May hold `{accountId}` or `{enterpriseUrl}` of the sign-in. */
	tokenUrl: z.string(),
	clientId: z.string(),
	/** Some want the client's name and word once more, as HTTP Basic. */
	basic: z.boolean().optional(),
	/** Only tests have a provider on the loopback. */
	allowPrivate: z.boolean().optional(),
});
export type Renewal = z.infer<typeof renewal>;

/**
 * What a project's OpenCode gets of a sign-in:
 * `access`: the access token alone, with no refresh token and an expiry so far away that the plugin never refreshes;
 * `whole`: all of it, where there is nothing that two holders could spoil for each other;
 * `key`: the token as an API key, where it is one in all but name.
 */
type ForProject = 'access' | 'whole' | 'key';

/** What doce has to know of a provider whose sign-in OpenCode offers. */
export type SignInRecipe = {
	forProject: ForProject;
	/** null: the token lives until its end, and then the person signs in again. */
	renewal: Renewal | null;
	/** Methods after which the provider sends the browser to an address on the machine where OpenCode runs. */
	redirects?: RegExp | undefined;
	/** How long a person has to approve, in seconds: by the provider's or the plugin's own limit. */
	patience: { device?: number; redirect?: number };
	/** Whether a model can be used with a sign-in; all of them where this is missing. */
	serves?: (modelId: string) => boolean;
	/** What differs in a project's configuration, by the answers to the prompts. */
	setup?: (fields: Record<string, string>) => { npm?: string; api?: string };
	/** Where a browser is sent whose address holds the token behind a `#`: the plugin's page posts it there. */
	fragmentPath?: string;
};

/** The client that OpenCode and this provider know; a sign-in made as one client is renewed as the same. */
const OPENAI: SignInRecipe = {
	// It refreshes once `expires` is past, and reads auth.json again at each request.
	forProject: 'access',
	renewal: { tokenUrl: 'https://auth.openai.com/oauth/token', clientId: 'app_EMoamEEZ73f0CkXaXp7hrann' },
	redirects: /browser/i,
	patience: { device: 900, redirect: 295 },
	serves: isInChatGpt,
};

/** The models of a ChatGPT subscription, by the plugin's own rule; with any other one every prompt would fail. */
function isInChatGpt(modelId: string): boolean {
	if (['gpt-5.4', 'gpt-5.4-mini', 'gpt-5.3-codex-spark'].includes(modelId)) return true;
	if (['gpt-5.5-pro', 'gpt-5.6'].includes(modelId)) return false;
	const [, major, minor = '0'] = /^gpt-(\d+)(?:\.(\d+))?/.exec(modelId) ?? [];
	return Number(major) > 5 || (Number(major) === 5 && Number(minor) > 4);
}

const XAI: SignInRecipe = {
	// It refreshes when `expires` or the token's own `exp` is nearer than two minutes: doce is earlier than that.
	forProject: 'access',
	renewal: { tokenUrl: 'https://auth.x.ai/oauth2/token', clientId: 'b1a00492-073a-47ea-816f-4c329264a828' },
	patience: { device: 900 },
};

const GITHUB_COPILOT: SignInRecipe = {
	// What it calls its refresh token is GitHub's own token, long-lived and never exchanged.
	forProject: 'whole',
	renewal: null,
	patience: { device: 895 },
	setup: ({ enterpriseUrl }) => ({
		// It chooses between chat and responses by the model, which the catalogue's package does not.
		npm: '@ai-sdk/github-copilot',
		...(enterpriseUrl !== undefined && { api: `https://copilot-api.${new URL(enterpriseUrl).host}` }),
	}),
};

const GITLAB: SignInRecipe = {
	// It takes the token when providers are loaded, and after a 401 reads auth.json again, where the new one stands.
	forProject: 'access',
	renewal: {
		tokenUrl: '{enterpriseUrl}/oauth/token',
		clientId: '1d89f9fdb23ee96d4e603201f6861dab6e143c5c3c00469a018a2d94bdc03d4e',
	},
	redirects: /oauth/i,
	patience: { redirect: 115 },
};

const SNOWFLAKE: SignInRecipe = {
	// It refreshes when `expires` is nearer than two minutes, or after a 401, and reads auth.json at each request.
	forProject: 'access',
	renewal: {
		tokenUrl: 'https://{accountId}.snowflakecomputing.com/oauth/token-request',
		clientId: 'LOCAL_APPLICATION',
		basic: true,
	},
	redirects: /./,
	patience: { redirect: 295 },
};

/** Both sign-ins end in an API key of the account. */
const POE: SignInRecipe = { forProject: 'key', renewal: null, redirects: /./, patience: { redirect: 600 } };
const DIGITALOCEAN: SignInRecipe = {
	forProject: 'key',
	renewal: null,
	redirects: /./,
	patience: { redirect: 295 },
	fragmentPath: '/auth/token',
};

/** By provider: read in the plugins of the OpenCode that package.json pins. */
export const SIGN_INS: Readonly<Record<string, SignInRecipe>> = {
	openai: OPENAI,
	xai: XAI,
	'github-copilot': GITHUB_COPILOT,
	gitlab: GITLAB,
	'snowflake-cortex': SNOWFLAKE,
	poe: POE,
	digitalocean: DIGITALOCEAN,
};

/** Why a method that OpenCode lists is not offered here. */
const REFUSED: Record<string, string> = {
	azure: 'It needs the Azure CLI, signed in, inside every project. Use an API key.',
	anthropic: 'Anthropic does not allow its subscriptions in other programs. Use an API key.',
};

/** The recipe of a provider, or in words why there is none: a token that nobody renews would end in every project. */
export function findRecipe(providerId: string, recipes: SignInRecipes): SignInRecipe | { refused: string } {
	const recipe = Object.hasOwn(recipes, providerId) ? recipes[providerId] : undefined;
	if (recipe !== undefined) return recipe;
	const reason = Object.hasOwn(REFUSED, providerId) ? REFUSED[providerId] : undefined;
	return { refused: reason ?? 'doce does not know how to keep this sign-in alive.' };
}

/** Whether a sign-in's token lives until its end, since nothing renews it. */
export function isLasting(providerId: string): boolean {
	const recipe = findRecipe(providerId, SIGN_INS);
	return 'renewal' in recipe && recipe.renewal === null;
}

export type SignInRecipes = Readonly<Record<string, SignInRecipe>>;
