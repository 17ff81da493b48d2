import type { MessageError } from '#shared/chat.ts';
import type { ConnectionReason } from '#shared/providers.ts';
import { reasonOfRefusal, speaksOfCredit } from '../auth/probes/outcome.ts';
import { redact } from '../auth/probes/redact.ts';
import type { OpenCodeError } from '../opencode/message.ts';
import type { Secret } from '../secret.ts';

const LONGEST = 300;
/** How OpenCode puts that no connection came to be: names that do not resolve, refused ones, TLS, timeouts. */
const NO_CONNECTION = /cannot connect to api|unable to connect|timed? ?out|certificate|ECONN|ENOTFOUND|socket/i;

/** How providers put that they are in trouble themselves. */
const OVERLOADED = /overloaded|internal server error|bad gateway|service unavailable|gateway time/i;

/** Whom a failure is told of. */
export type FailureContext = {
	providerName: string;
	/** What the project's OpenCode holds: providers repeat what they were sent. */
	secrets: readonly Secret[];
	/** True when the account was signed in to, so that there is no key to replace. */
	signedIn: boolean;
};

/** A provider that did not serve: the prompt may wait for it, or go on with another. */
export type Refusal = { reason: ConnectionReason; message: string; retryAt: number | null };

/**
 * What a failure says about the provider, in words for the person; undefined when the provider is not at fault.
 * OpenCode tries again by itself for a minute when the provider is limited, broken or away: this comes after that.
 */
export function refusalOf(error: OpenCodeError, context: FailureContext): Refusal | undefined {
	if (error.name === 'ProviderAuthError') {
		return refusal('disconnected', `${context.providerName} has no key in this project.`);
	}
	if (error.name !== 'APIError') return undefined;
	const { statusCode, message } = error;
	if (statusCode === undefined) {
		return NO_CONNECTION.test(message) ? wordsOf('unreachable', undefined, context) : undefined;
	}
	const reason = reasonOfRefusal(statusCode, message);
	return reason && wordsOf(reason, statusCode, context);
}

function wordsOf(reason: ConnectionReason, status: number | undefined, context: FailureContext): Refusal {
	const { providerName, signedIn } = context;
	if (reason === 'out_of_credit') return refusal(reason, `${providerName} says the account is out of credit.`);
	if (reason === 'rate_limited') return refusal(reason, `${providerName} is limiting requests.`);
	if (reason === 'key_rejected' && signedIn)
		return refusal('sign_in_expired', `${providerName} does not take the sign-in any more.`);
	if (reason === 'key_rejected') return refusal(reason, `${providerName} rejected the key.`);
	const what = status === undefined ? 'cannot be reached.' : `has a problem of its own (${status}).`;
	return refusal('unreachable', `${providerName} ${what}`);
}

/** The same for what OpenCode says while it still tries. `next` is when it tries again, in epoch milliseconds. */
export function refusalWhileTrying(
	{ message, next }: { message: string; next: number },
	context: FailureContext,
): Refusal {
	if (speaksOfCredit(message)) return wordsOf('out_of_credit', undefined, context);
	if (NO_CONNECTION.test(message)) return wordsOf('unreachable', undefined, context);
	if (OVERLOADED.test(message)) return refusal('unreachable', `${context.providerName} is overloaded.`);
	return { ...wordsOf('rate_limited', 429, context), retryAt: next };
}

/**
 * Why a turn failed, in words for the person who wrote the message. OpenCode's own text is used in part only, and
 * without the project's secrets or anything that looks like one.
 */
export function describeFailure(error: OpenCodeError, context: FailureContext): MessageError {
	if (error.name === 'MessageAbortedError') return { kind: 'cancelled', message: 'Stopped.' };
	const refused = refusalOf(error, context);
	const words = clean(error.message, context.secrets);
	if (refused !== undefined) {
		const kind = ['rate_limited', 'unreachable'].includes(refused.reason) ? 'provider' : 'credential';
		return { kind, message: refused.message };
	}
	if (error.name !== 'APIError') return { kind: 'internal', message: `The agent stopped: ${words}` };
	const { providerName } = context;
	if (error.statusCode === 404) {
		const message = `${providerName} does not know this model. Choose another one, then retry. (${words})`;
		return { kind: 'provider', message };
	}
	const code = error.statusCode === undefined ? '' : ` (${error.statusCode})`;
	return { kind: 'provider', message: `${providerName} did not answer${code}: ${words}` };
}

function refusal(reason: ConnectionReason, message: string): Refusal {
	return { reason, message, retryAt: null };
}

/** Long runs without spaces are taken out, too: keys are, and no sentence needs one. */
function clean(message: string, secrets: readonly Secret[]): string {
	return (
		redact(message, secrets)
			.replace(/[^\s"'(),:;=]{20,}/g, '[…]')
			.slice(0, LONGEST) || 'no reason given'
	);
}
