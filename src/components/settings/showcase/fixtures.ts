import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';

const NOW = Date.now();
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

const BASE: ConnectionView = {
	id: 'c1',
	providerId: 'anthropic',
	providerName: 'Anthropic',
	label: 'Work',
	authType: 'api',
	status: 'connected',
	reason: null,
	errorMessage: null,
	lastFour: '4f2a',
	delivery: 'sealed',
	preferred: false,
	scripted: false,
	baseUrl: null,
	fields: {},
	wellKnown: null,
	lastUsedAt: ago(122),
	createdAt: ago(50_000),
	updatedAt: ago(130),
	projectCount: 4,
	active: true,
	account: null,
	retryAt: null,
	problemAt: null,
	problemProjectId: null,
	legacy: false,
};

const failed = (
	id: string,
	providerId: string,
	providerName: string,
	part: Partial<ConnectionView>,
): ConnectionView => ({
	...BASE,
	id,
	providerId,
	providerName,
	label: providerName,
	status: 'error',
	projectCount: 1,
	...part,
});

/** A connection in every state that there is. */
export const CONNECTIONS: ConnectionView[] = [
	{ ...BASE, preferred: true },
	failed('c2', 'openrouter', 'OpenRouter', {
		reason: 'key_rejected',
		errorMessage: 'OpenRouter rejected the key in “Blog”.',
	}),
	failed('c3', 'openai', 'OpenAI', {
		reason: 'out_of_credit',
		errorMessage: 'OpenAI says that this account has no credit left.',
	}),
	failed('c4', 'groq', 'Groq', {
		reason: 'rate_limited',
		errorMessage: 'Groq allows no more calls at the moment.',
		delivery: 'direct',
	}),
	failed('c5', 'ollama', 'Ollama', {
		reason: 'unreachable',
		errorMessage: 'Nothing answers at localhost:11434.',
		lastFour: null,
		baseUrl: 'http://localhost:11434/v1',
	}),
	failed('c6', 'mistral', 'Mistral', { status: 'connected', reason: 'not_tested', lastUsedAt: null, projectCount: 0 }),
	failed('c7', 'xai', 'xAI', {
		status: 'expired',
		reason: 'sign_in_expired',
		authType: 'oauth',
		lastFour: null,
		errorMessage: 'The sign-in ended.',
	}),
	failed('c8', 'deepseek', 'DeepSeek', {
		reason: 'locked',
		errorMessage: 'The master key is missing, so this key cannot be opened.',
	}),
	failed('c9', 'cohere', 'Cohere', { status: 'revoked', reason: 'disconnected', projectCount: 0, lastUsedAt: null }),
	failed('c10', 'doce-demo', 'Demo (scripted)', {
		status: 'connected',
		scripted: true,
		lastFour: null,
		projectCount: 2,
	}),
];

const provider = (id: string, name: string, part: Partial<AvailableProvider> = {}): AvailableProvider => ({
	id,
	name,
	popular: false,
	modelCount: 14,
	authMethods: [{ type: 'api', label: 'API key', prompts: [] }],
	keyUrl: `https://${id}.example/keys`,
	unavailable: null,
	scripted: false,
	...part,
});

export const PROVIDERS: AvailableProvider[] = [
	provider('anthropic', 'Anthropic', { popular: true }),
	provider('openai', 'OpenAI', { popular: true, modelCount: 41 }),
	provider('google', 'Google', { popular: true, modelCount: 27 }),
	provider('openrouter', 'OpenRouter', { popular: true, modelCount: 312 }),
	provider('opencode', 'OpenCode Zen', { popular: true, modelCount: 29 }),
	provider('doce-demo', 'Demo (scripted)', { popular: true, scripted: true, modelCount: 1, keyUrl: null }),
	provider('github-copilot', 'GitHub Copilot', {
		unavailable: 'Needs a sign-in in the browser, which doce cannot do yet.',
	}),
	provider('azure', 'Azure OpenAI', {
		authMethods: [
			{
				type: 'api',
				label: 'API key',
				prompts: [{ type: 'text', key: 'resourceName', message: 'Azure resource name', placeholder: 'my-models' }],
			},
		],
	}),
	...[
		'Groq',
		'Mistral',
		'xAI',
		'DeepSeek',
		'Cohere',
		'Cerebras',
		'Together AI',
		'Fireworks AI',
		'Perplexity',
		'Moonshot AI',
	].map((name) => provider(name.toLowerCase().replace(/\s/g, ''), name)),
];
