import type { Secret } from '../../secret.ts';

const STAR = '*'.charCodeAt(0);
/** A shorter one could be part of an ordinary answer, and is a placeholder. */
const SHORTEST = 16;

/** Takes secrets out of an answer as it goes by. */
export type Blanker = {
	/** What may be passed on by now. */
	push(chunk: Buffer): Buffer;
	/** What was held back to the end. */
	end(): Buffer;
};

const NOTHING = Buffer.alloc(0);

/**
 * Writes stars over secrets wherever an answer repeats them, byte for byte, so that its length stays as it was told.
 * What could be the beginning of one is held back until more has come. Chunks are changed in place.
 */
export function createBlanker(secrets: readonly Secret[]): Blanker {
	// The longest first: a shorter one may be a part of it.
	const blankers = secrets
		.map((secret) => Buffer.from(secret.reveal()))
		.filter(({ length }) => length >= SHORTEST)
		.sort((one, other) => other.length - one.length)
		.map(blankerOf);
	return {
		push: (chunk) => blankers.reduce((passed, { push }) => push(passed), chunk),
		end: () => blankers.reduce((rest, { push, end }) => Buffer.concat([push(rest), end()]), NOTHING),
	};
}

function blankerOf(key: Buffer): Blanker {
	let held: Buffer = NOTHING;
	return {
		push(chunk) {
			if (chunk.length === 0) return chunk;
			const whole = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
			for (let at = whole.indexOf(key); at !== -1; at = whole.indexOf(key, at)) whole.fill(STAR, at, at + key.length);
			const end = whole.length - beginningAtEnd(whole, key);
			held = whole.subarray(end);
			return whole.subarray(0, end);
		},
		end() {
			const rest = held;
			held = NOTHING;
			return rest;
		},
	};
}

/** How many of the last bytes could be the first ones of the key. */
function beginningAtEnd(bytes: Buffer, key: Buffer): number {
	const first = key[0] ?? 0;
	const from = Math.max(0, bytes.length - key.length + 1);
	for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
		if (bytes.subarray(at).equals(key.subarray(0, bytes.length - at))) return bytes.length - at;
	}
	return 0;
}
