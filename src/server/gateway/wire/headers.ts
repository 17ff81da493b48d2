import type { IncomingHttpHeaders } from 'node:http';
import { encodings } from '../../auth/probes/redact.ts';
import { type KeyHeader, keyHeaders } from '../../auth/probes/targets.ts';
import type { Secret } from '../../secret.ts';

/** What of a caller's headers reaches a provider. Nothing among them names an account, a host or a credential. */
const TO_PROVIDER = new Set([
	'accept',
	'content-type',
	'user-agent',
	'anthropic-version',
	'anthropic-beta',
	'openai-beta',
	'originator',
	'http-referer',
	'x-title',
	'session-id',
	'x-session-id',
	'x-session-affinity',
	'x-cerebras-3rd-party-integration',
	'x-opencode-client',
	'x-opencode-project',
	'x-opencode-request',
	'x-opencode-session',
	'idempotency-key',
]);

/** What of a provider's headers reaches a caller; `location` is not among them, so that nobody follows it. */
const TO_CALLER = new Set([
	'content-type',
	'content-length',
	'content-encoding',
	'cache-control',
	'date',
	'retry-after',
	'retry-after-ms',
	'request-id',
	'x-request-id',
	'x-should-retry',
	'openai-processing-ms',
	'openai-version',
]);
const TO_CALLER_PREFIXES = ['x-ratelimit-', 'anthropic-ratelimit-', 'anthropic-priority-'];

const TOKEN = /^dpt_[A-Za-z0-9_-]{43}$/;
const TOKEN_HEADERS = ['x-api-key', 'x-goog-api-key', 'api-key'] as const;

/** The gateway token that a caller shows, wherever its SDK puts keys; undefined when there is none, or two different ones. */
export function tokenOf(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined {
	const shown = [
		headers.authorization?.replace(/^Bearer +/i, ''),
		...TOKEN_HEADERS.map((name) => headers[name]),
		...query.getAll('key'),
	].filter((value) => value !== undefined && value !== '');
	const tokens = new Set(shown);
	const [token] = tokens;
	return tokens.size === 1 && typeof token === 'string' && TOKEN.test(token) ? token : undefined;
}

type Injection = {
	key: Secret;
	keyHeader: KeyHeader;
	/** Those of the connection itself; they go over whatever the caller has. */
	own: Record<string, Secret>;
};

/** The headers of a call to a provider: what is allowed of the caller's, the connection's own, and the key. */
export function headersToProvider(
	headers: IncomingHttpHeaders,
	{ key, keyHeader, own }: Injection,
): Record<string, string> {
	const sent: Record<string, string> = {};
	for (const name in headers) {
		const value = headers[name];
		if (value !== undefined && TO_PROVIDER.has(name)) sent[name] = Array.isArray(value) ? value.join(', ') : value;
	}
	const version = sent['anthropic-version'];
	Object.assign(sent, keyHeaders(keyHeader, key));
	if (version !== undefined) sent['anthropic-version'] = version;
	for (const [name, value] of Object.entries(own)) sent[name] = value.reveal();
	// What is compressed cannot be searched for the key, nor for what was used.
	sent['accept-encoding'] = 'identity';
	return sent;
}

/** The headers of an answer to a caller. One that holds a secret, however it is written, is left out. */
export function headersToCaller(headers: IncomingHttpHeaders, secrets: readonly Secret[]): Record<string, string> {
	const sent: Record<string, string> = {};
	for (const name in headers) {
		const value = headers[name];
		const isAllowed = TO_CALLER.has(name) || TO_CALLER_PREFIXES.some((prefix) => name.startsWith(prefix));
		if (typeof value !== 'string' || !isAllowed) continue;
		if (!secrets.some((secret) => formsOf(secret).some((form) => value.includes(form)))) sent[name] = value;
	}
	return sent;
}

/**
 * What of a connection an answer must not repeat: its key, and its own headers, but for those that a caller may send
 * too. They hold no secret, and may well be words of an answer.
 */
export function secretsOf(key: Secret, own: Record<string, Secret>): Secret[] {
	const further = Object.entries(own).filter(([name]) => !TO_PROVIDER.has(name.toLowerCase()));
	return [key, ...further.map(([, value]) => value)];
}

const SHORTEST_FORM = 8;
/** Kept as long as its secret: it is asked for with each answer. */
const forms = new WeakMap<Secret, readonly string[]>();

function formsOf(secret: Secret): readonly string[] {
	const known = forms.get(secret);
	if (known !== undefined) return known;
	const { text, hex } = encodings(secret.reveal());
	// What is short in another form is found everywhere.
	const made = [...text, ...hex].filter((form, at) => at === 0 || form.length >= SHORTEST_FORM);
	forms.set(secret, made);
	return made;
}
