import { AppError } from '#server/errors.ts';
import { Secret } from '#server/secret.ts';

/** No provider's key is longer; a pasted document is. */
const MAX_KEY_LENGTH = 10_000;

/**
 * Reads a pasted API key: trims it, and refuses what cannot be one with a sentence that says what to paste instead.
 * Throws `AppError('invalid')`; the message never repeats the input.
 */
export function readKey(input: string | undefined): Secret {
	const text = input?.trim() ?? '';
	const problem = problemOf(text);
	if (problem !== undefined) throw new AppError('invalid', problem);
	return new Secret(text);
}

/** True when nothing was typed, for the places where a key may be left out. */
export function isBlank(input: string | undefined): boolean {
	return (input ?? '').trim() === '';
}

function problemOf(text: string): string | undefined {
	if (text === '') return 'Paste the API key.';
	if (text.length > MAX_KEY_LENGTH)
		return 'That is too long for an API key (more than 10,000 characters). Paste the key alone.';
	if (/[\r\n]/.test(text)) return 'An API key is one line, and this has several. Paste the key alone.';
	if (/^(bearer|basic)\s/i.test(text)) return 'Paste the key without the word "Bearer" in front of it.';
	if (/^(authorization|x-api-key|x-goog-api-key|api-key)\s*:/i.test(text))
		return 'That is a whole header. Paste the key alone, without its name.';
	if (/^(export\s+)?[A-Z][A-Z0-9_]{2,60}=[^=]/.test(text))
		return 'That is a NAME=value line. Paste only what comes after the "=".';
	if (/^["'`].*["'`]$/.test(text)) return 'Paste the key without the quotation marks around it.';
	if (/^https?:\/\//i.test(text)) return 'That is an address, not an API key. Paste the key itself.';
	if (/\s/.test(text)) return 'An API key has no spaces. Paste the key alone.';
	if (/[^\x20-\x7e]/.test(text))
		return 'The key contains characters that no key has, perhaps invisible ones. Copy it again from the provider.';
	return undefined;
}
