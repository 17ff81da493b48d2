/** What is met at the top level of a JSON object, and where in the chunk that is being read. */
export type Marks = {
	/** A member begins: behind the first brace, or at a comma. */
	member(at: number, isFirst: boolean): void;
	/** Its name is known, and what it holds begins. */
	value(at: number, name: string): void;
	/** What it holds is over. A string comes as what it means, anything else as it is written, both only if short. */
	ended(at: number, member: Member): void;
	/** The last brace. */
	end(at: number): void;
};
type Member = { name: string; string: string | undefined; literal: string };

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const LONGEST_WORD = 256;
const LONGEST_LITERAL = 8;

/** Returns what reads a JSON object chunk by chunk. It keeps a word of it, and never all of it. */
export function createWalk(marks: Marks): (chunk: Buffer) => void {
	let depth = 0;
	let inString = false;
	let isEscaped = false;
	/** The string that is being read, where it may be one that matters. */
	let word: string | undefined;
	let isValue = false;
	let member: Member = { name: '', string: undefined, literal: '' };

	function begin(at: number, isFirst: boolean): void {
		isValue = false;
		member = { name: '', string: undefined, literal: '' };
		marks.member(at, isFirst);
	}

	function endString(): void {
		inString = false;
		if (depth !== 1 || word === undefined) return;
		if (isValue) member.string = unescaped(word);
		else member.name = unescaped(word);
		word = undefined;
	}

	function keep(chunk: Buffer, from: number, to: number): void {
		if (word !== undefined && word.length < LONGEST_WORD)
			word += chunk.toString('latin1', from, Math.min(to, from + LONGEST_WORD));
	}

	/** Jumps to the end of a string, or as far as the chunk goes. */
	function readString(chunk: Buffer, from: number): number {
		let at = from;
		if (isEscaped) {
			isEscaped = false;
			keep(chunk, at, at + 1);
			at++;
		}
		const quote = chunk.indexOf(QUOTE, at);
		const end = quote === -1 ? chunk.length : quote;
		const backslash = chunk.subarray(at, end).indexOf(BACKSLASH);
		if (backslash !== -1) {
			isEscaped = true;
			keep(chunk, at, at + backslash + 1);
			return at + backslash + 1;
		}
		keep(chunk, at, end);
		if (quote === -1) return end;
		endString();
		return quote + 1;
	}

	/** A mark of the top level. */
	function readMark(byte: number, at: number): void {
		if (byte === COLON && !isValue) {
			isValue = true;
			marks.value(at + 1, member.name);
		} else if (byte === COMMA) {
			if (isValue) marks.ended(at, member);
			begin(at, false);
		} else if (byte > 0x20 && isValue && member.literal.length < LONGEST_LITERAL)
			member.literal += String.fromCharCode(byte);
	}

	function readClose(byte: number, at: number): void {
		if (depth === 1 && isValue) marks.ended(at, member);
		depth--;
		if (depth === 0 && byte === CLOSE_OBJECT) marks.end(at);
	}

	return (chunk) => {
		let at = 0;
		while (at < chunk.length) {
			if (inString) {
				at = readString(chunk, at);
				continue;
			}
			const byte = chunk[at] ?? 0;
			if (byte === QUOTE) {
				inString = true;
				word = depth === 1 ? '' : undefined;
			} else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
				if (depth === 1 && isValue) member.literal += String.fromCharCode(byte);
				depth++;
				if (depth === 1 && byte === OPEN_OBJECT) begin(at + 1, true);
			} else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) readClose(byte, at);
			else if (depth === 1) readMark(byte, at);
			at++;
		}
	};
}

function unescaped(word: string): string {
	if (!word.includes('\\')) return word;
	try {
		return String(JSON.parse(`"${word}"`));
	} catch (error) {
		if (error instanceof SyntaxError) return word;
		throw error;
	}
}
