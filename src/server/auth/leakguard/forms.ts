import { encodings } from '../probes/redact.ts';

/** Something to look for: every piece of `width` characters of `text`. */
export type Form = { text: string; width: number };

/** So many characters in common with a key are taken for a piece of it; in hex each of them is two. */
const PIECE = 8;
/** Of a key's public beginning, which many keys share, a piece must hold so many characters that follow it. */
const OWN = 3;
/** Shorter than this, a key is no key but a word that may stand anywhere, unless there are digits in it. */
const SHORTEST_WORD = 12;
/** What is left of a key behind its public beginning. */
const SHORTEST_CORE = 16;

/**
 * What a secret looks like wherever it may turn up. A word, such as servers without keys are given, is looked for whole,
 * and not at all where it is short: else every text that has it would be torn.
 */
export function formsOf(secret: string): Form[] {
	if (isWord(secret)) return secret.length < SHORTEST_WORD ? [] : wholeForms(secret);
	if (secret.length < PIECE) return [];
	const { beginning, core } = partsOf(secret);
	const { text, hex } = encodings(core);
	const plain = beginning.slice(-(PIECE - OWN)) + core;
	return [
		...[plain, [...plain].reverse().join(''), ...text].map((form) => ({ text: form, width: PIECE })),
		...hex.map((form) => ({ text: form, width: 2 * PIECE })),
	];
}

function isWord(secret: string): boolean {
	return /^[a-z][a-z ._/-]*$/i.test(secret);
}

function wholeForms(secret: string): Form[] {
	const { text, hex } = encodings(secret);
	return [...text, ...hex].map((form) => ({ text: form, width: form.length }));
}

/** `sk-ant-api03-` and the like, and the first part of a signed token, say nothing of the key. */
function partsOf(secret: string): { beginning: string; core: string } {
	const header = /^eyJ[\w-]+\.(?=[\w-]{16})/.exec(secret)?.[0];
	if (header !== undefined) return { beginning: header, core: secret.slice(header.length) };
	const segments = /^(?:[a-z][a-z0-9]{0,7}[-_]){0,3}/.exec(secret)?.[0] ?? '';
	let beginning = segments;
	while (beginning !== '' && secret.length - beginning.length < SHORTEST_CORE)
		beginning = beginning.slice(0, -1).replace(/[^-_]*$/, '');
	return { beginning, core: secret.slice(beginning.length) };
}
