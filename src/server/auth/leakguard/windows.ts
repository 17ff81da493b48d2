import { createHmac } from 'node:crypto';

/** Pieces of one width, known by keyed hashes alone: what they were cannot be read back from here. */
export type Windows = {
	readonly width: number;
	/** Marks, in `hidden`, every character of a text that is part of such a piece. */
	mark(text: string, hidden: Uint8Array): void;
};

/** Every piece of `width` characters in `texts`, hashed with `key`, of which there must be 32 bytes. */
export function hashWindows(texts: readonly string[], width: number, key: Buffer): Windows {
	const base = key.readUInt32LE(0) | 1;
	// What a character weighs that has moved `width` places on.
	const power = Array.from({ length: width }).reduce<number>((product) => Math.imul(product, base), 1);
	const mac = (piece: string): string => createHmac('sha256', key).update(piece).digest('base64url').slice(0, 22);
	const rolls = new Set<number>();
	const macs = new Set<string>();

	/** Calls `found` with the end of each piece, and a hash that is quick to keep up to date from one to the next. */
	function roll(text: string, found: (end: number, hash: number) => void): void {
		let hash = 0;
		for (let at = 0; at < text.length; at++) {
			hash = (Math.imul(hash, base) + text.charCodeAt(at)) | 0;
			if (at >= width) hash = (hash - Math.imul(text.charCodeAt(at - width), power)) | 0;
			if (at >= width - 1) found(at + 1, hash);
		}
	}

	for (const text of texts) {
		roll(text, (end, hash) => {
			rolls.add(hash);
			macs.add(mac(text.slice(end - width, end)));
		});
	}
	return {
		width,
		mark(text, hidden) {
			roll(text, (end, hash) => {
				// The quick hash is right nearly always; the keyed one decides.
				if (rolls.has(hash) && macs.has(mac(text.slice(end - width, end)))) hidden.fill(1, end - width, end);
			});
		},
	};
}
