/** What is asked in a JSON body, at its top level. */
export type Asked = { model: string | undefined; stream: boolean; hasStreamOptions: boolean };

/** What is put in front of the last brace when it is wished for, or as many spaces: the length is known beforehand. */
const WISH = Buffer.from(',"stream_options":{"include_usage":true}');
const NOTHING = Buffer.alloc(WISH.length, 0x20);
export const WISH_BYTES = WISH.length;

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const LONGEST_WORD = 256;

/**
 * Reads a JSON body as it goes by, and sends it on as it is. With `wishes` a stream is asked to end with its usage, if
 * the caller has not said how it wants that. It keeps a word of the body, and never the body.
 */
export function createReader(wishes: boolean) {
	const asked: Asked = { model: undefined, stream: false, hasStreamOptions: false };
	let depth = 0;
	let inString = false;
	let isEscaped = false;
	/** The string that is being read, where it may be one that matters. */
	let word: string | undefined;
	let key = '';
	let isValue = false;
	let literal = '';

	function endString(): void {
		inString = false;
		if (depth !== 1 || word === undefined) return;
		const text = unescaped(word);
		if (!isValue) key = text;
		else if (key === 'model') asked.model = text;
		word = undefined;
	}

	function endValue(): void {
		if (isValue && key === 'stream') asked.stream = literal === 'true';
		literal = '';
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

	/** Reads a chunk; returns where the last brace is, if it is in it. */
	function read(chunk: Buffer): number {
		let at = 0;
		let end = -1;
		while (at < chunk.length) {
			if (inString) {
				at = readString(chunk, at);
				continue;
			}
			const byte = chunk[at++] ?? 0;
			if (byte === QUOTE) {
				inString = true;
				word = depth === 1 ? '' : undefined;
			} else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
			else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
				if (depth === 1) endValue();
				depth--;
				if (depth === 0 && byte === CLOSE_OBJECT) end = at - 1;
			} else if (depth === 1) readMark(byte);
		}
		return end;
	}

	function readMark(byte: number): void {
		if (byte === COLON) {
			isValue = true;
			if (key === 'stream_options') asked.hasStreamOptions = true;
		} else if (byte === COMMA) {
			endValue();
			isValue = false;
		} else if (byte > 0x20 && isValue && literal.length < 8) literal += String.fromCharCode(byte);
	}

	async function* through(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
		let isDone = false;
		for await (const chunk of body) {
			const end = read(chunk);
			if (!wishes || isDone || end === -1) {
				yield chunk;
				continue;
			}
			isDone = true;
			yield chunk.subarray(0, end);
			yield asked.stream && !asked.hasStreamOptions ? WISH : NOTHING;
			yield chunk.subarray(end);
		}
		// What never ended is no JSON: its length is kept all the same.
		if (wishes && !isDone) yield NOTHING;
	}

	return { asked, through };
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
