import type { MessageError } from '#shared/chat.ts';
import type { ConnectionReason } from '#shared/providers.ts';
import type { OpenCodeError } from '../opencode/message.ts';

const LONGEST = 300;
const OUT_OF_CREDIT = /insufficient.*(credit|quota|balance)|out of credit|exceeded your current quota|billing/i;

/**
 * Why a turn failed, in words for the person who wrote the message. OpenCode's own text is used in part only, and
 * without anything that looks like a key: providers echo what they were sent.
 */
export function describeFailure(error: OpenCodeError, providerName: string): MessageError {
	if (error.name === 'MessageAbortedError') return { kind: 'cancelled', message: 'Stopped.' };
	if (error.name === 'ProviderAuthError') {
		return {
			kind: 'credential',
			message: `${providerName} has no key in this project. Connect it again in Settings, then retry.`,
		};
	}
	if (error.name !== 'APIError') return { kind: 'internal', message: `The agent stopped: ${clean(error.message)}` };
	return describeAnswer(error.statusCode, clean(error.message), providerName);
}

function describeAnswer(status: number | undefined, message: string, providerName: string): MessageError {
	if (status === 402 || OUT_OF_CREDIT.test(message)) {
		return { kind: 'credential', message: `${providerName} says the account is out of credit. Top it up, then retry.` };
	}
	if (status === 401 || status === 403) {
		return { kind: 'credential', message: `${providerName} rejected the key. Replace it in Settings, then retry.` };
	}
	if (status === 429)
		return { kind: 'provider', message: `${providerName} is limiting requests. Wait a little, then retry.` };
	if (status === 404) {
		return {
			kind: 'provider',
			message: `${providerName} does not know this model. Choose another one, then retry. (${message})`,
		};
	}
	if (status !== undefined && status >= 500)
		return { kind: 'provider', message: `${providerName} has a problem (${status}). Retry in a moment.` };
	const code = status === undefined ? '' : ` (${status})`;
	return { kind: 'provider', message: `${providerName} did not answer${code}: ${message}` };
}

/** What a failure says about the connection; undefined when it says nothing. */
export function reasonOf(error: OpenCodeError): ConnectionReason | undefined {
	if (error.name !== 'APIError') return undefined;
	if (error.statusCode === 402 || OUT_OF_CREDIT.test(error.message)) return 'out_of_credit';
	return error.statusCode === 401 || error.statusCode === 403 ? 'key_rejected' : undefined;
}

/** Long runs without spaces are taken out: keys are, and no sentence needs one. */
function clean(message: string): string {
	return message.replace(/[^\s"'(),:;=]{20,}/g, '[…]').slice(0, LONGEST) || 'no reason given';
}
