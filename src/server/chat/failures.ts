import type { MessageError } from '#shared/chat.ts';
import type { ConnectionReason } from '#shared/providers.ts';
import { redact } from '../auth/probes/redact.ts';
import { type RefusalKind, readRefusal } from '../gateway/wire/refusals.ts';
import type { OpenCodeError } from '../opencode/message.ts';
import type { Secret } from '../secret.ts';

const LONGEST = 300;
const OUT_OF_CREDIT = /insufficient.*(credit|quota|balance)|out of credit|exceeded your current quota|billing/i;
/** How OpenCode puts that no connection came to be: names that do not resolve, refused ones, TLS, timeouts. */
const NO_CONNECTION = /cannot connect to api|unable to connect|timed? ?out|certificate|ECONN|ENOTFOUND|socket/i;

/** Whom a failure is told of. */
export type FailureContext = {
	providerName: string;
	/** What the project's OpenCode holds: providers repeat what they were sent. */
	secrets: readonly Secret[];
	/** True when the account was signed in to, so that there is no key to replace. */
	signedIn: boolean;
};

/** A provider that did not serve: the prompt may wait for it, or go on with another. */
export type Refusal = {
	reason: ConnectionReason;
	message: string;
	retryAt: number | null;
	/** What would let it go on, where that is not what the reason says. */
	cure?: string;
};

/**
 * What a failure says about the provider, in words for the person; undefined when the provider is not at fault.
 * OpenCode tries again by itself for a minute when the provider is limited, broken or away: this comes after that.
 */
export function refusalOf(error: OpenCodeError, context: FailureContext): Refusal | undefined {
	if (error.name === 'ProviderAuthError') {
		return refusal('disconnected', `${context.providerName} has no key in this project.`);
	}
	if (error.name !== 'APIError') return undefined;
	const { statusCode: status } = error;
	const { providerName, signedIn } = context;
	const byGateway = readRefusal(error.message);
	if (byGateway !== undefined) return refusedByGateway(byGateway.kind, providerName);
	if (status === 402 || OUT_OF_CREDIT.test(error.message))
		return refusal('out_of_credit', `${providerName} says the account is out of credit.`);
	if (status === 401 || status === 403) {
		return signedIn
			? refusal('sign_in_expired', `${providerName} does not take the sign-in any more.`)
			: refusal('key_rejected', `${providerName} rejected the key.`);
	}
	if (status === 429) return refusal('rate_limited', `${providerName} is limiting requests.`);
	if (status !== undefined && status >= 500)
		return refusal('unreachable', `${providerName} has a problem of its own (${status}).`);
	if (status === undefined && NO_CONNECTION.test(error.message))
		return refusal('unreachable', `${providerName} cannot be reached.`);
	return undefined;
}

/** The gateway says by itself why it did not serve; what is no fault of the provider's is told as it stands. */
function refusedByGateway(kind: RefusalKind, providerName: string): Refusal | undefined {
	if (kind === 'gone' || kind === 'locked')
		return refusal('disconnected', `${providerName} is not connected any more.`);
	if (kind === 'unreachable' || kind === 'timeout') return refusal('unreachable', `${providerName} cannot be reached.`);
	return kind === 'limit' ? refusal('rate_limited', 'The project makes too many calls at once.') : undefined;
}

/** The same for what OpenCode says while it still tries. `next` is when it tries again, in epoch milliseconds. */
export function refusalWhileTrying(
	{ message, next }: { message: string; next: number },
	{ providerName }: FailureContext,
): Refusal {
	if (NO_CONNECTION.test(message)) return refusal('unreachable', `${providerName} cannot be reached.`);
	return { ...refusal('rate_limited', `${providerName} is limiting requests.`), retryAt: next };
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
	const byGateway = readRefusal(error.message);
	if (byGateway !== undefined) return { kind: 'provider', message: byGateway.message };
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
