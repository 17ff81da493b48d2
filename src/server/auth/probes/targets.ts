import type { Secret } from '#server/secret.ts';
import type { WireFormat } from '#shared/providers.ts';
import { fieldsIn, fillPlaceholders } from '../input/placeholders.ts';

/** What a probe has to know of a provider or endpoint. */
export type ProbeTarget = {
	providerId: string;
	providerName: string;
	/** The SDK package that OpenCode uses for it. */
	npm: string | null;
	/** The catalogue's address; may contain `${NAME}` for the extra fields. */
	api: string | null;
	/** An address of the person's own, in place of the public one. */
	baseURL: string | null;
	/** Set for an endpoint that is not in the catalogue. */
	format: WireFormat | null;
	/** Model ids, the one to try first in front. */
	models: readonly string[];
	allowPrivate: boolean;
	headers: Record<string, Secret>;
	/** Extra fields, such as an Azure resource name. */
	fields: Record<string, string>;
	/** The name that stands for the key in headers, as `{env:NAME}`. */
	keyName?: string | undefined;
};

type KeyHeader = 'bearer' | 'x-api-key' | 'x-goog-api-key' | 'api-key' | 'private-token';

export type ProbeRoute = {
	base: string;
	format: WireFormat;
	/** One call that needs no model; `lists` when it answers with models. */
	check: { url: string; header: KeyHeader; lists: boolean } | undefined;
	/** Whether the check alone proves nothing (a model list may be public), so that one token is asked for. */
	token: boolean;
};

/** Authenticated calls that cost nothing, by each provider's public documentation. A path is relative to the base. */
const CHECKS: Record<string, { url: string; header?: KeyHeader; lists?: boolean }> = {
	anthropic: { url: '/models?limit=1000', lists: true },
	openai: { url: '/models', lists: true },
	google: { url: '/models?pageSize=1000', lists: true },
	openrouter: { url: '/key' },
	groq: { url: '/models', lists: true },
	mistral: { url: '/models', lists: true },
	deepseek: { url: '/models', lists: true },
	xai: { url: '/models', lists: true },
	togetherai: { url: '/models', lists: true },
	'fireworks-ai': { url: '/models', lists: true },
	cerebras: { url: '/models', lists: true },
	moonshotai: { url: '/models', lists: true },
	'moonshotai-cn': { url: '/models', lists: true },
	cohere: { url: 'https://api.cohere.com/v1/models?page_size=1000', lists: true },
	huggingface: { url: 'https://huggingface.co/api/whoami-v2' },
	vercel: { url: '/credits' },
	v0: { url: '/user' },
	venice: { url: '/api_keys/rate_limits' },
	azure: { url: '/models', header: 'api-key', lists: true },
	'azure-cognitive-services': { url: '/models', header: 'api-key', lists: true },
	'cloudflare-workers-ai': {
		url: 'https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai/models/search?per_page=1',
	},
	'amazon-bedrock': { url: '/foundation-models' },
	gitlab: { url: '/api/v4/user', header: 'private-token' },
};

/** Public addresses of providers whose SDK knows them by itself, so that the catalogue has none. */
export const BASES: Record<string, string> = {
	anthropic: 'https://api.anthropic.com/v1',
	openai: 'https://api.openai.com/v1',
	google: 'https://generativelanguage.googleapis.com/v1beta',
	groq: 'https://api.groq.com/openai/v1',
	mistral: 'https://api.mistral.ai/v1',
	xai: 'https://api.x.ai/v1',
	togetherai: 'https://api.together.xyz/v1',
	cerebras: 'https://api.cerebras.ai/v1',
	cohere: 'https://api.cohere.ai/compatibility/v1',
	perplexity: 'https://api.perplexity.ai',
	deepinfra: 'https://api.deepinfra.com/v1/openai',
	vercel: 'https://ai-gateway.vercel.sh/v1',
	v0: 'https://api.v0.dev/v1',
	venice: 'https://api.venice.ai/api/v1',
	aihubmix: 'https://aihubmix.com/v1',
	azure: 'https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1',
	'azure-cognitive-services': 'https://{AZURE_COGNITIVE_SERVICES_RESOURCE_NAME}.cognitiveservices.azure.com/openai/v1',
	'amazon-bedrock': 'https://bedrock.{AWS_REGION}.amazonaws.com',
	gitlab: 'https://gitlab.com',
};

const FORMAT_OF_SDK: Record<string, WireFormat> = {
	'@ai-sdk/anthropic': 'messages',
	'@ai-sdk/google': 'generate-content',
	'@ai-sdk/openai': 'responses',
	'@ai-sdk/azure': 'responses',
	'@ai-sdk/xai': 'responses',
};

/** The wire format that OpenCode's SDK for a provider speaks. */
function formatOf(npm: string | null): WireFormat {
	return FORMAT_OF_SDK[npm ?? ''] ?? 'chat-completions';
}

/** How to test a target, or a sentence that says why it cannot be tested. */
export function routeOf(target: ProbeTarget): ProbeRoute | string {
	const format = target.format ?? formatOf(target.npm);
	const own = CHECKS[target.providerId];
	const written = target.baseURL ?? baseOf(target);
	if (written === null) return `doce knows no way to test a key of ${target.providerName}.`;
	const base = fillPlaceholders(written, target.fields)?.replace(/\/+$/, '');
	if (base === undefined) return missingField(target, written);
	// Elsewhere than at the provider's own address a list may be public, and a path of its own may not exist.
	if (target.baseURL !== null || own === undefined) {
		const path = own?.url.startsWith('/') && own.lists !== true ? own.url : '/models';
		return {
			base,
			format,
			check: { url: base + path, header: headerOf(format), lists: path === '/models' },
			token: true,
		};
	}
	const url = fillPlaceholders(own.url.startsWith('/') ? base + own.url : own.url, target.fields);
	if (url === undefined) return missingField(target, own.url);
	return {
		base,
		format,
		check: { url, header: own.header ?? headerOf(format), lists: own.lists ?? false },
		token: false,
	};
}

/** The request that asks for the shortest answer a wire format allows. */
export function tokenRequest(
	route: Pick<ProbeRoute, 'base' | 'format'>,
	model: string,
): { url: string; body: Record<string, unknown> } {
	const { base, format } = route;
	const messages = [{ role: 'user', content: 'Hi' }];
	if (format === 'chat-completions')
		return { url: `${base}/chat/completions`, body: { model, messages, max_tokens: 1, stream: false } };
	if (format === 'messages') return { url: `${base}/messages`, body: { model, messages, max_tokens: 1 } };
	// 16 is the least that the Responses API takes.
	if (format === 'responses')
		return { url: `${base}/responses`, body: { model, input: 'Hi', max_output_tokens: 16, store: false } };
	const body = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }], generationConfig: { maxOutputTokens: 1 } };
	return { url: `${base}/models/${encodeURIComponent(model)}:generateContent`, body };
}

/** The headers that carry the key. */
export function keyHeaders(header: KeyHeader, key: Secret): Record<string, string> {
	if (header === 'bearer') return { authorization: `Bearer ${key.reveal()}` };
	if (header === 'x-api-key') return { 'x-api-key': key.reveal(), 'anthropic-version': '2023-06-01' };
	return { [header]: key.reveal() };
}

/** Where a wire format expects the key. */
export function headerOf(format: WireFormat): KeyHeader {
	if (format === 'messages') return 'x-api-key';
	return format === 'generate-content' ? 'x-goog-api-key' : 'bearer';
}

/** The address at which a provider of the catalogue answers; null when doce does not know it. */
export function publicBase({ id, api }: { id: string; api: string | null }): string | null {
	return api ?? BASES[id] ?? null;
}

function baseOf(target: ProbeTarget): string | null {
	if (target.providerId === 'gitlab') return target.fields['instanceUrl'] ?? BASES['gitlab'] ?? null;
	return publicBase({ id: target.providerId, api: target.api });
}

function missingField(target: ProbeTarget, template: string): string {
	const names = fieldsIn(template).join(' and ');
	return `${target.providerName} also needs its ${names} (letters, digits, dots and dashes).`;
}
