import { z } from 'zod';

/** How a connection proves itself to its provider. */
export const authType = z.enum(['api', 'oauth', 'wellknown']);
export type AuthType = z.infer<typeof authType>;

/** How a project gets a credential: a gateway token in its place (`sealed`), or the credential itself (`direct`). */
const delivery = z.enum(['sealed', 'direct']);
export type Delivery = z.infer<typeof delivery>;

export const connectionStatus = z.enum(['connected', 'expired', 'error', 'revoked']);
export type ConnectionStatus = z.infer<typeof connectionStatus>;

/** Why a connection is not simply connected; the screens have words and one button for each. */
export const connectionReason = z.enum([
	'key_rejected',
	'sign_in_expired',
	'out_of_credit',
	'rate_limited',
	'unreachable',
	'not_tested',
	'locked',
	'disconnected',
]);
export type ConnectionReason = z.infer<typeof connectionReason>;

/** Whether a provider may refuse the next prompt, as far as is known. A limited account is connected, and troubled. */
export function isTroubled(of: { status: ConnectionStatus; reason: ConnectionReason | null }): boolean {
	return of.status !== 'connected' || (of.reason !== null && of.reason !== 'not_tested');
}

/** Whether a prompt may go on with another provider when its own refuses: by itself, after a question, or never. */
export const fallbackMode = z.enum(['automatic', 'ask', 'off']);
export type FallbackMode = z.infer<typeof fallbackMode>;

export const oauthState = z.enum(['pending', 'connected', 'failed', 'expired', 'cancelled']);
export type OAuthState = z.infer<typeof oauthState>;

/** `auto` ends by itself once the person has approved; `code` asks for a code. */
export const oauthFlow = z.enum(['auto', 'code']);
export type OAuthFlow = z.infer<typeof oauthFlow>;

/** A provider's id in OpenCode; also a safe path segment. */
export const providerId = z
	.string()
	.max(64)
	.regex(/^[a-z0-9][a-z0-9._-]*$/, 'A provider id has lower-case letters, digits, dots, dashes and underscores.');

/** The wire format that a custom endpoint speaks. */
export const wireFormat = z.enum(['chat-completions', 'responses', 'messages', 'generate-content']);
export type WireFormat = z.infer<typeof wireFormat>;

const header = z
	.string()
	.max(2_000)
	.regex(/^[^\r\n]*$/, 'A header is one line.');

export const customEndpoint = z.object({
	name: z.string().trim().min(1, 'Give the endpoint a name.').max(60),
	baseURL: z.string().trim().min(1, 'Give the address of the endpoint.').max(500),
	models: z
		.array(z.object({ id: z.string().trim().min(1).max(200), name: z.string().trim().max(200).optional() }))
		.min(1, 'List at least one model, or load them from the endpoint.')
		.max(500),
	headers: z
		.record(z.string().regex(/^[A-Za-z0-9-]{1,80}$/, 'A header name has letters, digits and dashes.'), header)
		.optional(),
	/** The admin's word that a private or loopback address is meant. */
	local: z.boolean().optional(),
	/** Unset: the catalogue's own format for a known provider, else chat/completions. */
	format: wireFormat.optional(),
});

const extraFields = z.record(z.string().max(60), z.string().max(500));

const label = z.string().trim().min(1).max(60);

export const connectProviderInput = z.object({
	providerId,
	authType,
	apiKey: z.string().max(20_000).optional(),
	token: z.string().max(20_000).optional(),
	/** Base URL of a known provider's own endpoint, where it is not the public one; for `wellknown` the organisation's address. */
	url: z.string().trim().max(500).optional(),
	/** The admin's word that a private or loopback address is meant, in `url` or in an extra field. */
	local: z.boolean().optional(),
	label: label.optional(),
	/** Extra fields the provider asks for, such as an Azure resource name. */
	metadata: extraFields.optional(),
	delivery: delivery.optional(),
	skipTest: z.boolean().optional(),
	custom: customEndpoint.optional(),
});
export type ConnectProviderInput = z.infer<typeof connectProviderInput>;

export const updateProviderConnectionInput = z.object({
	connectionId: z.string().min(1).max(64),
	apiKey: z.string().max(20_000).optional(),
	label: label.optional(),
	delivery: delivery.optional(),
	preferred: z.boolean().optional(),
	/** All extra fields anew. One that decides where the key goes needs the key again. */
	metadata: extraFields.optional(),
	skipTest: z.boolean().optional(),
});
export type UpdateProviderConnectionInput = z.infer<typeof updateProviderConnectionInput>;

/** A connection as the screens and scripts see it. Never the key. */
export const connectionView = z.object({
	id: z.string(),
	providerId: z.string(),
	providerName: z.string(),
	label: z.string(),
	authType,
	status: connectionStatus,
	reason: connectionReason.nullable(),
	errorMessage: z.string().nullable(),
	lastFour: z.string().nullable(),
	delivery,
	preferred: z.boolean(),
	/** True for the scripted demo: it is never shown as a real model. */
	scripted: z.boolean(),
	baseUrl: z.string().nullable(),
	/** The extra fields that the provider asked for; nothing secret. */
	fields: z.record(z.string(), z.string()),
	/** The organisation whose document configures it, and when that was last read. */
	wellKnown: z.object({ url: z.string(), readAt: z.iso.datetime() }).nullable(),
	lastUsedAt: z.iso.datetime().nullable(),
	createdAt: z.iso.datetime(),
	updatedAt: z.iso.datetime(),
	projectCount: z.number().int(),
	/** The one account of its provider that projects use. */
	active: z.boolean(),
	/** The account's name at the provider, once signed in. */
	account: z.string().nullable(),
	/** Until when the provider limits requests. */
	retryAt: z.iso.datetime().nullable(),
	/** When the present trouble was seen, and in which project. */
	problemAt: z.iso.datetime().nullable(),
	problemProjectId: z.string().nullable(),
	/** null when there is none, or it is deleted. */
	problemProjectName: z.string().nullable(),
	/** The person's order of preference, smallest first. */
	position: z.number().int(),
	/** True for the key of the application that came before: it works, and wants to be upgraded. */
	legacy: z.boolean(),
});
export type ConnectionView = z.infer<typeof connectionView>;

const promptCondition = z.object({ key: z.string(), op: z.enum(['eq', 'neq']), value: z.string() });

/** A question that a provider's sign-in asks first, as OpenCode lists it. */
export const authPrompt = z.object({
	type: z.enum(['text', 'select']),
	key: z.string(),
	message: z.string(),
	placeholder: z.string().optional(),
	options: z.array(z.object({ label: z.string(), value: z.string(), hint: z.string().optional() })).optional(),
	when: promptCondition.optional(),
	/** May be left empty. */
	optional: z.boolean().optional(),
});
export type AuthPrompt = z.infer<typeof authPrompt>;

/** A way to prove oneself to a provider. */
const authMethod = z.object({
	/** Its index in OpenCode's own list. */
	method: z.number().int(),
	type: authType,
	label: z.string(),
	prompts: z.array(authPrompt),
	/** Why it is not offered here, in words. */
	unavailable: z.string().optional(),
	/** The provider sends the browser to an address on the server's machine, which a remote browser cannot open. */
	redirects: z.boolean().optional(),
});
export type AuthMethod = z.infer<typeof authMethod>;

export const availableProvider = z.object({
	id: z.string(),
	name: z.string(),
	popular: z.boolean(),
	modelCount: z.number().int(),
	authMethods: z.array(authMethod),
	/** Where a person gets a key, when known. */
	keyUrl: z.string().nullable(),
	/** Where a person tops up their account, and where they take a sign-in back, when known. */
	billingUrl: z.string().nullable(),
	signInUrl: z.string().nullable(),
	/** Why it cannot be connected here, in words; null when it can. */
	unavailable: z.string().nullable(),
	scripted: z.boolean(),
});
export type AvailableProvider = z.infer<typeof availableProvider>;

/** One entry of a model picker: a model of a connected provider. */
export const modelChoice = z.object({
	providerId: z.string(),
	providerName: z.string(),
	modelId: z.string(),
	modelName: z.string(),
	scripted: z.boolean(),
	/** Why its provider may not answer now; null when nothing is known against it. */
	trouble: z
		.object({ status: connectionStatus, reason: connectionReason.nullable(), message: z.string().nullable() })
		.nullable(),
});
export type ModelChoice = z.infer<typeof modelChoice>;

export const probeResult = z.object({
	ok: z.boolean(),
	status: connectionStatus,
	reason: connectionReason.nullable(),
	message: z.string(),
	modelCount: z.number().int().optional(),
});
export type ProbeResult = z.infer<typeof probeResult>;
