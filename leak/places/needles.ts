import type { Needle } from '../canary.ts';

/** How many bytes are looked at together. */
const BLOCK = 3;
/** Blocks are told apart by this many bits. */
const BITS = 16;

type Table = {
	/** Of the shortest needle, in bytes. */
	width: number;
	/** How many bytes may be skipped, by block. */
	shifts: Uint8Array;
	/** By block: the needles whose first `width` bytes end in it. */
	ending: Map<number, Needle[]>;
};

const TABLES = new WeakMap<readonly Needle[], Table>();

/**
 * Which of the needles, which must not change, are in these bytes, by their ways. All are looked for at once, since a sweep has a hundred needles
 * for gigabytes: Wu and Manber's algorithm (TR-94-17, University of Arizona, 1994) skips most bytes.
 */
export function waysIn(content: Buffer, needles: readonly Needle[]): string[] {
	const table = tableFor(needles);
	const { width, shifts, ending } = table;
	const ways = new Set<string>();
	for (let at = width - BLOCK; at <= content.length - BLOCK; ) {
		const block = blockAt(content, at);
		const shift = shifts[block] ?? 0;
		if (shift === 0) {
			const from = at - (width - BLOCK);
			for (const { way, bytes } of ending.get(block) ?? []) if (isAt(content, from, bytes)) ways.add(way);
		}
		at += Math.max(1, shift);
	}
	return [...ways];
}

function tableFor(needles: readonly Needle[]): Table {
	const known = TABLES.get(needles);
	if (known !== undefined) return known;
	const table = makeTable(needles);
	TABLES.set(needles, table);
	return table;
}

/** What may be skipped is told by the first bytes of each needle, as many as the shortest has. */
function makeTable(needles: readonly Needle[]): Table {
	const width = Math.min(255, ...needles.map(({ bytes }) => bytes.length));
	if (width < BLOCK) throw new Error(`A needle of ${width} bytes is found everywhere`);
	const last = width - BLOCK;
	const shifts = new Uint8Array(2 ** BITS).fill(last + 1);
	const ending = new Map<number, Needle[]>();
	for (const needle of needles) {
		for (let at = 0; at <= last; at++) {
			const block = blockAt(needle.bytes, at);
			shifts[block] = Math.min(shifts[block] ?? 0, last - at);
		}
		const block = blockAt(needle.bytes, last);
		ending.set(block, [...(ending.get(block) ?? []), needle]);
	}
	return { width, shifts, ending };
}

function blockAt(bytes: Buffer, at: number): number {
	const [first = 0, second = 0, third = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
	return (first ^ (second << 5) ^ (third << 8)) & (2 ** BITS - 1);
}

function isAt(content: Buffer, at: number, needle: Buffer): boolean {
	return at + needle.length <= content.length && needle.compare(content, at, at + needle.length) === 0;
}
