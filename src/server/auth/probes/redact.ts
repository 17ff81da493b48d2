import type { Secret } from '#server/secret.ts';

export const MARK = '[key]';

/** A run of this many characters in common with a key is taken for a piece of it. */
const WINDOW = 8;

/**
 * Replaces every secret in a text, whole or in pieces of eight characters and more: as it is, reversed, and in
 * base64 (each alignment), base64url, hex, URL and JSON escapes.
 */
export function redact(text: string, secrets: readonly Secret[]): string {
	return secrets.filter((secret) => secret.reveal() !== '').reduce(redactOne, text);
}

function redactOne(text: string, secret: Secret): string {
	const { text: texts, hex } = encodings(secret.reveal());
	const forms = [...texts, ...hex];
	const width = Math.min(WINDOW, secret.reveal().length);
	const windows = new Set(forms.flatMap((form) => windowsOf(form, width)));
	const hidden = new Array<boolean>(text.length).fill(false);
	for (let at = 0; at + width <= text.length; at++) {
		if (windows.has(text.slice(at, at + width))) hidden.fill(true, at, at + width);
	}
	return replaceRuns(text, hidden);
}

/** The ways in which a key is usually written down; of base64 the part that no neighbour changes. */
export function encodings(key: string): { text: string[]; hex: string[] } {
	const hex = Buffer.from(key).toString('hex');
	const shifted = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), Buffer.from(key)]));
	// The first and last characters of a shifted form depend on its neighbours.
	const base64 = shifted.flatMap((bytes, shift) => [
		bytes
			.toString('base64')
			.replace(/=+$/, '')
			.slice(shift === 0 ? 0 : shift + 1, -1),
		bytes.toString('base64url').slice(shift === 0 ? 0 : shift + 1, -1),
	]);
	const escaped = [encodeURIComponent(key), JSON.stringify(key).slice(1, -1)];
	return { text: [key, [...key].reverse().join(''), ...escaped, ...base64], hex: [hex, hex.toUpperCase()] };
}

function windowsOf(form: string, width: number): string[] {
	return Array.from({ length: Math.max(0, form.length - width + 1) }, (_, at) => form.slice(at, at + width));
}

function replaceRuns(text: string, hidden: readonly boolean[]): string {
	let result = '';
	for (let at = 0; at < text.length; at++) {
		if (!hidden[at]) result += text[at];
		else if (!hidden[at - 1]) result += MARK;
	}
	return result;
}
