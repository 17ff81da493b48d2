import type { Secret } from '#server/secret.ts';
import type { ConnectionReason, ProbeResult } from '#shared/providers.ts';
import type { ProviderFault, ProviderReply } from './call.ts';
import { redact } from './redact.ts';

/** A probe's result; `skippable` when it says nothing about the key, so that saving without a test is reasonable. */
export type ProbeOutcome = ProbeResult & {
	skippable: boolean;
	/** Until when the provider limits requests, in epoch milliseconds, when it said so. */
	retryAt?: number | undefined;
};

const MAX_MESSAGE = 300;
const KEY_WORDS = /api[ _-]?key|unauthori[sz]ed|authenticat|invalid.{0,20}(token|credential)|incorrect.{0,20}key/i;
const CREDIT_WORDS =
	/insufficient.{0,20}(quota|credit|balance|fund)|credit balance|out of credit|exceeded your current quota|billing/i;

export function accepted(message: string, modelCount?: number): ProbeOutcome {
	const base = { ok: true, status: 'connected' as const, reason: null, message, skippable: false };
	return modelCount === undefined ? base : { ...base, modelCount };
}

/** A test that could not be made at all. */
export function untested(message: string): ProbeOutcome {
	return { ok: false, status: 'error', reason: 'not_tested', message, skippable: true };
}

/** What a call that brought no reply says about the connection. */
export function outcomeOfFault(fault: ProviderFault): ProbeOutcome {
	return {
		ok: false,
		status: 'error',
		reason: 'unreachable',
		message: fault.message,
		skippable: fault.fault === 'timeout',
	};
}

/** What a refusal's status and words mean; undefined when the connection is not at fault. */
export function reasonOfRefusal(status: number, words: string): ConnectionReason | undefined {
	if (status === 402 || ([400, 403, 429].includes(status) && CREDIT_WORDS.test(words))) return 'out_of_credit';
	if (status === 401 || status === 403 || (status === 400 && KEY_WORDS.test(words))) return 'key_rejected';
	if (status === 429) return 'rate_limited';
	return status >= 500 ? 'unreachable' : undefined;
}

/** True for words that speak of money: no waiting helps there. */
export function speaksOfCredit(words: string): boolean {
	return CREDIT_WORDS.test(words);
}

/** What a refusing reply says about the connection; the provider's own words are shortened and the secrets taken out. */
export function outcomeOfRefusal(reply: ProviderReply, name: string, secrets: readonly Secret[]): ProbeOutcome {
	const words = redact(providerWords(reply.text), secrets).slice(0, MAX_MESSAGE);
	const said = words === '' ? '' : ` It says: ${words}`;
	const { status } = reply;
	const failed = { ok: false, status: 'error' as const, skippable: false };
	const reason = reasonOfRefusal(status, words);
	if (reason === 'out_of_credit') {
		return { ...failed, reason: 'out_of_credit', message: `The account at ${name} is out of credit.${said}` };
	}
	if (reason === 'key_rejected') {
		return { ...failed, reason: 'key_rejected', message: `${name} rejected the key (${status}).${said}` };
	}
	if (reason === 'rate_limited') {
		const wait = waitOf(reply.retryAfter);
		return {
			...failed,
			status: 'connected',
			skippable: true,
			reason: 'rate_limited',
			retryAt: readRetryAfter(reply.retryAfter),
			message: `${name} limits requests right now${wait}.${said}`,
		};
	}
	if (reason === 'unreachable')
		return { ...failed, reason: 'unreachable', message: `${name} has a problem of its own (${status}).${said}` };
	if (status === 404) {
		return {
			...failed,
			reason: null,
			message: `${name} has nothing at that address or does not know the model (404).${said}`,
		};
	}
	return { ...failed, reason: null, message: `${name} answered with ${status}.${said}` };
}

/** A 200 that is no answer of an API, such as the page of a website. */
export function notAnApi(name: string): ProbeOutcome {
	const message = `${name} answered, but not like an API. Check the address: it often ends in /v1.`;
	return { ok: false, status: 'error', reason: null, message, skippable: false };
}

/** When the wait that a `retry-after` asks for is over, in epoch milliseconds; it is given in seconds or as a date. */
function readRetryAfter(retryAfter: string | undefined): number | undefined {
	if (retryAfter === undefined) return undefined;
	const at = /^\d{1,6}$/.test(retryAfter) ? Date.now() + Number(retryAfter) * 1_000 : Date.parse(retryAfter);
	return Number.isNaN(at) ? undefined : at;
}

function waitOf(retryAfter: string | undefined): string {
	return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? `; try again in ${retryAfter} s` : '';
}

/** The sentence inside an error body, in whichever of the usual shapes it comes. */
function providerWords(text: string): string {
	const words = find(parseJson(text));
	return (words ?? (/^\s*</.test(text) ? '' : text)).replace(/\s+/g, ' ').trim();
}

function find(value: unknown): string | undefined {
	if (typeof value === 'string') return value;
	if (Array.isArray(value)) return find(value[0]);
	if (typeof value !== 'object' || value === null) return undefined;
	const fields = value as Record<string, unknown>;
	return find(fields['error'] ?? fields['message'] ?? fields['detail'] ?? fields['errors'] ?? undefined);
}

/** undefined when the text is no JSON. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}
