/** Where a person tops up their account, by the providers' own documentation. */
const BILLING_PAGES: Record<string, string> = {
	anthropic: 'https://console.anthropic.com/settings/billing',
	cohere: 'https://dashboard.cohere.com/billing',
	deepseek: 'https://platform.deepseek.com/top_up',
	'fireworks-ai': 'https://app.fireworks.ai/account/billing',
	groq: 'https://console.groq.com/settings/billing',
	huggingface: 'https://huggingface.co/settings/billing',
	mistral: 'https://console.mistral.ai/billing',
	moonshotai: 'https://platform.moonshot.ai/console/pay',
	openai: 'https://platform.openai.com/settings/organization/billing',
	opencode: 'https://opencode.ai/auth',
	openrouter: 'https://openrouter.ai/settings/credits',
	perplexity: 'https://www.perplexity.ai/account/api/billing',
	togetherai: 'https://api.together.ai/settings/billing',
	xai: 'https://console.x.ai',
};

/** Where a person takes a sign-in back. A key is revoked where it was made. */
const SIGN_IN_PAGES: Record<string, string> = {
	'github-copilot': 'https://github.com/settings/applications',
	gitlab: 'https://gitlab.com/-/user_settings/applications',
};

export function billingPage(providerId: string): string | null {
	return BILLING_PAGES[providerId] ?? null;
}

export function signInPage(providerId: string): string | null {
	return SIGN_IN_PAGES[providerId] ?? null;
}
