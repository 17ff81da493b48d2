import type { AvailableProvider, ConnectionView } from '#shared/providers.ts';
import type { ConnectionProject, ReceiptView } from '#shared/receipts.ts';

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
	problemProjectName: null,
	position: 1,
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

const STATES: ConnectionView[] = [
	{ ...BASE, preferred: true },
	{
		...BASE,
		id: 'c1b',
		label: 'Home',
		lastFour: '90ab',
		active: false,
		preferred: true,
		projectCount: 0,
		lastUsedAt: null,
	},
	failed('c2', 'openrouter', 'OpenRouter', {
		reason: 'key_rejected',
		errorMessage: 'OpenRouter rejected the key.',
		problemAt: ago(12),
		problemProjectId: 'p1',
		problemProjectName: 'Blog',
	}),
	failed('c3', 'openai', 'OpenAI', {
		reason: 'out_of_credit',
		errorMessage: 'OpenAI says that this account has no credit left.',
		problemAt: ago(61),
		problemProjectId: 'p2',
		problemProjectName: 'Morning Crumb, a bakery with a very long name',
	}),
	failed('c4', 'groq', 'Groq', {
		reason: 'rate_limited',
		errorMessage: 'Groq allows no more requests for now.',
		retryAt: new Date(NOW + 222_000).toISOString(),
		problemAt: ago(1),
		problemProjectId: 'p1',
		problemProjectName: 'Blog',
		delivery: 'direct',
	}),
	failed('c5', 'ollama', 'Ollama', {
		reason: 'unreachable',
		errorMessage: 'Nothing answers at localhost:11434.',
		problemAt: ago(3),
		lastFour: null,
		baseUrl: 'http://localhost:11434/v1',
	}),
	failed('c6', 'mistral', 'Mistral', { status: 'connected', reason: 'not_tested', lastUsedAt: null, projectCount: 0 }),
	failed('c7', 'xai', 'xAI', {
		status: 'expired',
		reason: 'sign_in_expired',
		authType: 'oauth',
		account: 'ada@example.com',
		lastFour: null,
		errorMessage: 'The sign-in ended.',
		problemAt: ago(600),
		problemProjectId: 'p3',
	}),
	{
		...BASE,
		id: 'c7b',
		providerId: 'github-copilot',
		providerName: 'GitHub Copilot',
		label: 'GitHub Copilot',
		authType: 'oauth',
		account: 'ada',
		lastFour: null,
		delivery: 'direct',
	},
	failed('c8', 'deepseek', 'DeepSeek', {
		reason: 'locked',
		errorMessage: 'The master key is missing, so this key cannot be opened.',
	}),
	failed('c9', 'cohere', 'Cohere', { status: 'revoked', reason: 'disconnected', projectCount: 0, lastUsedAt: null }),
	failed('c9b', 'perplexity', 'Perplexity', { reason: null, errorMessage: null }),
	failed('c9c', 'openrouter', 'OpenRouter', { status: 'connected', label: 'Legacy key', legacy: true, active: false }),
	failed('c10', 'doce-demo', 'Demo (scripted)', {
		status: 'connected',
		scripted: true,
		lastFour: null,
		projectCount: 2,
	}),
];

/** A connection in every state that there is. */
export const CONNECTIONS = STATES.map((connection, at) => ({ ...connection, position: at + 1 }));

const receipt = (version: number, projectName: string, part: Partial<ReceiptView>): ReceiptView => ({
	version,
	projectId: projectName.toLowerCase(),
	projectName,
	kind: 'deliver',
	state: 'done',
	detail: null,
	at: ago(5),
	...part,
});

/** What became of three changes; the last one is a disconnect. */
export const RECEIPTS: ReceiptView[] = [
	receipt(3, 'Bakery', { kind: 'remove', detail: 'OpenCode has no key for it any more' }),
	receipt(3, 'Blog', { kind: 'remove', state: 'pending', detail: 'Busy: after its turn' }),
	receipt(3, 'Shop', { kind: 'remove', state: 'failed', detail: 'OpenCode did not answer' }),
	receipt(2, 'Bakery', { at: ago(90) }),
	receipt(2, 'Blog', { state: 'pending', detail: 'Busy: after its turn' }),
	receipt(2, 'Shop', { state: 'failed', detail: 'OpenCode did not answer', at: ago(90) }),
	receipt(1, 'Bakery', { state: 'superseded', detail: 'Version 2 took its place.', at: ago(1500) }),
	receipt(1, 'Gone', { projectName: null, at: ago(4_000) }),
];

const standing = (name: string, part: Partial<ConnectionProject>): ConnectionProject => ({
	id: name.toLowerCase(),
	name,
	state: 'delivered',
	version: 2,
	at: ago(90),
	detail: null,
	...part,
});

/** Projects as they stand towards a connection. */
export const PROJECTS: ConnectionProject[] = [
	standing('Bakery', {}),
	standing('Blog', { state: 'pending', version: 1, detail: 'Busy: after its turn' }),
	standing('Shop', { state: 'failed', detail: 'OpenCode did not answer' }),
	standing('Portfolio', { state: 'none', version: null, at: null }),
];

const provider = (id: string, name: string, part: Partial<AvailableProvider> = {}): AvailableProvider => ({
	id,
	name,
	popular: false,
	modelCount: 14,
	authMethods: [{ method: 0, type: 'api', label: 'API key', prompts: [] }],
	keyUrl: `https://${id}.example/keys`,
	billingUrl: `https://${id}.example/billing`,
	signInUrl: null,
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
				method: 0,
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
