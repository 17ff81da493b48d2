import type { WireFormat } from '#shared/providers.ts';
import { atLeast, type Tokens, usageIn } from './wireUsage.ts';

/** Reads from an answer, as it goes by, how many tokens it took. It keeps one line, or one short body, at a time. */
export type Meter = {
	push(chunk: Buffer): void;
	/** What the provider said, or undefined when it said nothing: the answer was cut, or tells no usage. */
	result(): Tokens | undefined;
	/** About how many tokens have come, for where the provider said nothing. */
	estimate(): number;
};

/** The longest line or body that is looked into, in bytes: an event may repeat the whole answer. */
const LONGEST = 4 * 1024 * 1024;
/** About four bytes are a token. */
const BYTES_OF_TOKEN = 4;
/** What an event says around its text has at most so many bytes; how many, the smallest one that is no mere mark shows. */
const MOST_AROUND = 300;
const LONGEST_MARK = 32;
const [NEWLINE, LETTER_D, COLON] = [0x0a, 0x64, 0x3a];
const NAME = Buffer.from('"usage');
const MARK = /"usage(Metadata)?"/;

/** `isStream` tells server-sent events from one JSON document. */
export function createMeter(format: WireFormat, isStream: boolean): Meter {
	let tokens: Tokens | undefined;
	let events = 0;
	let size = 0;
	let around = MOST_AROUND;
	const rest = createRest();

	const look = (text: string): void => {
		const found = MARK.test(text) ? usageIn(format, parse(text)) : undefined;
		if (found !== undefined) tokens = format === 'messages' ? atLeast(tokens, found) : found;
	};

	/** Only lines that name a usage are parsed: one or two of a stream. */
	function line(bytes: Buffer, isWorthALook: boolean): void {
		if (bytes[0] !== LETTER_D || bytes[4] !== COLON) return;
		events++;
		size += bytes.length;
		if (bytes.length > LONGEST_MARK) around = Math.min(around, bytes.length);
		if (isWorthALook && bytes.includes(NAME)) look(bytes.toString('utf8', 5));
	}

	return {
		push(chunk) {
			if (!isStream) {
				size += chunk.length;
				return rest.add(chunk);
			}
			const isWorthALook = chunk.includes(NAME);
			let start = 0;
			for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
				// A line that began in an earlier chunk may have its name there, or across the two.
				if (start === 0) line(rest.take(chunk.subarray(0, end)), true);
				else line(chunk.subarray(start, end), isWorthALook);
				start = end + 1;
			}
			if (start < chunk.length) rest.add(chunk.subarray(start));
		},
		result() {
			const left = rest.take(Buffer.alloc(0));
			if (isStream) line(left, true);
			else look(left.toString('utf8'));
			return tokens;
		},
		// An event has a token or more: what it has beyond the smallest one is its text.
		estimate: () =>
			Math.round(isStream ? Math.max(events, (size - around * events) / BYTES_OF_TOKEN) : size / BYTES_OF_TOKEN),
	};
}

/** What has come of a line that has not ended; given up once it is too long. */
function createRest() {
	let parts: Buffer[] = [];
	let size = 0;
	return {
		add(part: Buffer): void {
			size += part.length;
			// A chunk is reused by nobody: it may be kept without a copy.
			if (size <= LONGEST) parts.push(part);
			else parts = [];
		},
		take(end: Buffer): Buffer {
			if (size === 0) return end;
			const whole = size > LONGEST ? end : Buffer.concat([...parts, end]);
			parts = [];
			size = 0;
			return whole;
		},
	};
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}
