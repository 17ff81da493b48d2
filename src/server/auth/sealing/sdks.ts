import type { WireFormat } from '#shared/providers.ts';
import type { KeyHeader } from '../probes/targets.ts';

/** How calls of an SDK can go through the gateway, or why they cannot, in words that end a sentence. */
export type Sealing =
	| {
			/** What it may ask for. */
			formats: readonly WireFormat[];
			/** Where the provider looks for the key, if not where its wire format has it. */
			keyHeader?: KeyHeader;
			/** What the SDK writes between the base URL and the path of the wire format. */
			prefix?: string;
			/** Streams end with their usage unasked, and a wish for it may be refused as unknown. */
			reportsUsage?: true;
	  }
	| { cannot: string };

const CHAT: Sealing = { formats: ['chat-completions'] };
const CLOUD = 'its calls are signed with the cloud account itself, which has to be where the call is made';
const OWN_FORMAT = 'it speaks a format of its own, which the gateway does not';
const FETCHED = 'its package is fetched by OpenCode in each project, and not known here';

/**
 * By the SDK that OpenCode uses for a provider: every one in its catalogue. Whether one takes a base URL, and what it
 * asks for there, was tried with the OpenCode that package.json pins; `sdks.opencode.test.ts` tries it again.
 */
export const SDKS: Readonly<Record<string, Sealing>> = {
	'@ai-sdk/openai-compatible': CHAT,
	'@ai-sdk/openai': { formats: ['responses', 'chat-completions'] },
	'@ai-sdk/anthropic': { formats: ['messages'] },
	'@ai-sdk/google': { formats: ['generate-content'] },
	'@ai-sdk/xai': { formats: ['responses', 'chat-completions'] },
	'@ai-sdk/azure': { formats: ['responses', 'chat-completions'], keyHeader: 'api-key' },
	'@ai-sdk/mistral': { formats: ['chat-completions'], reportsUsage: true },
	'@ai-sdk/perplexity': { formats: ['chat-completions'], reportsUsage: true },
	'@ai-sdk/deepinfra': { formats: ['chat-completions'], prefix: '/openai' },
	'@ai-sdk/cerebras': CHAT,
	'@ai-sdk/groq': CHAT,
	'@ai-sdk/togetherai': CHAT,
	'@ai-sdk/vercel': CHAT,
	'@openrouter/ai-sdk-provider': CHAT,
	'venice-ai-sdk-provider': CHAT,
	'@ai-sdk/cohere': { cannot: OWN_FORMAT },
	'@ai-sdk/gateway': { cannot: OWN_FORMAT },
	'@ai-sdk/amazon-bedrock': { cannot: CLOUD },
	'@ai-sdk/amazon-bedrock/mantle': { cannot: CLOUD },
	'@ai-sdk/google-vertex': { cannot: CLOUD },
	'@ai-sdk/google-vertex/anthropic': { cannot: CLOUD },
	'gitlab-ai-provider': { cannot: 'its package exchanges the token at an address of its own' },
	'ai-gateway-provider': { cannot: FETCHED },
	'@aihubmix/ai-sdk-provider': { cannot: FETCHED },
	'@jerome-benoit/sap-ai-provider-v2': { cannot: FETCHED },
	'@qvac/ai-sdk-provider': { cannot: FETCHED },
	'@saladtechnologies-oss/ai-sdk-provider': { cannot: FETCHED },
	'merge-gateway-ai-sdk-provider': { cannot: FETCHED },
	'watsonx-ai-provider': { cannot: FETCHED },
};

/** Providers whose own code in OpenCode goes its own way, whatever the SDK. */
export const PROVIDERS: Readonly<Record<string, { cannot: string }>> = {
	'cloudflare-ai-gateway': { cannot: 'its account and gateway are part of what OpenCode sends' },
	'github-copilot': { cannot: 'OpenCode calls it at a fixed address, with headers that only its own sign-in adds' },
	'snowflake-cortex': { cannot: 'OpenCode calls it at an address that it makes from the account' },
};

/**
 * Accounts that a person signed in to, by provider: those whose API takes the token as a plain bearer token, at the
 * address that a key would be sent to. Read in the plugins of the OpenCode that package.json pins.
 */
export const SIGN_INS: Readonly<Record<string, Sealing>> = {
	xai: { formats: ['responses', 'chat-completions'] },
	poe: CHAT,
	digitalocean: CHAT,
	openai: { cannot: 'OpenCode sends calls of a ChatGPT account to a fixed address' },
	'github-copilot': { cannot: 'OpenCode calls it at a fixed address' },
	gitlab: { cannot: 'its package exchanges the token at an address of its own' },
	'snowflake-cortex': { cannot: 'OpenCode calls it at an address that it makes from the account' },
};
