import { MARK } from '../probes/redact.ts';
import { formsOf } from './forms.ts';
import { hashWindows, type Windows } from './windows.ts';

/** Takes a person's secrets out of what is stored or shown. */
export type Scrubber = {
	/** The text with `[key]` in the place of each secret, whole or in part. */
	scrub(text: string): string;
	/** Whether a file carries one. */
	isIn(content: Buffer): boolean;
	/** The same for a text that comes in pieces. */
	stream(): ScrubStream;
};

/** Holds back what may be the beginning of a secret: a few dozen characters, however long the text. */
export type ScrubStream = {
	/** What of the text so far can be shown and was not shown yet. */
	push(piece: string): string;
	/** What was held back. */
	end(): string;
};

/** A gateway token: nothing but its hash is stored, so that it is known by its look. */
const TOKEN = /dpt_[\w-]{43}/g;
const OPEN_TOKEN = /dpt_[\w-]{0,42}$/;

/** Knows secrets by keyed hashes of their pieces only; `key` has 32 bytes. */
export function createScrubber(secrets: readonly string[], key: Buffer): Scrubber {
	const windows = windowsFor(secrets, key);
	const longest = Math.max('dpt_'.length, ...windows.map(({ width }) => width));
	const mark = (text: string, hidden: Uint8Array): void => {
		for (const each of windows) each.mark(text, hidden);
		for (const found of text.matchAll(TOKEN)) hidden.fill(1, found.index, found.index + found[0].length);
	};
	const isIn = (text: string): boolean => {
		const hidden = new Uint8Array(text.length);
		mark(text, hidden);
		return hidden.includes(1);
	};
	const stream = (): ScrubStream => createStream(mark, longest);
	return {
		scrub(text) {
			const whole = stream();
			return whole.push(text) + whole.end();
		},
		isIn(content) {
			const text = content.toString('utf8');
			// UTF-16 of a key is the key with a zero byte beside each character.
			return isIn(text) || (content.includes(0) && isIn(text.replaceAll('\0', '')));
		},
		stream,
	};
}

function windowsFor(secrets: readonly string[], key: Buffer): Windows[] {
	const byWidth = new Map<number, string[]>();
	for (const { text, width } of secrets.flatMap(formsOf)) byWidth.set(width, [...(byWidth.get(width) ?? []), text]);
	return [...byWidth].map(([width, texts]) => hashWindows(texts, width, key));
}

function createStream(mark: (text: string, hidden: Uint8Array) => void, longest: number): ScrubStream {
	let rest = '';
	let restHidden = new Uint8Array();
	let isHiding = false;

	function show(text: string, hidden: Uint8Array): string {
		let shown = '';
		for (let at = 0; at < text.length; at++) {
			if (hidden[at] === 0) shown += text[at];
			else if (!isHiding) shown += MARK;
			isHiding = hidden[at] === 1;
		}
		return shown;
	}

	return {
		push(piece) {
			const text = rest + piece;
			const hidden = new Uint8Array(text.length);
			hidden.set(restHidden);
			mark(text, hidden);
			// A piece that begins in what is shown now would have ended in what is here.
			const held = Math.max(longest - 1, OPEN_TOKEN.exec(text)?.[0].length ?? 0);
			const end = Math.max(0, text.length - held);
			rest = text.slice(end);
			restHidden = hidden.slice(end);
			return show(text.slice(0, end), hidden);
		},
		end() {
			const shown = show(rest, restHidden);
			rest = '';
			restHidden = new Uint8Array();
			return shown;
		},
	};
}
