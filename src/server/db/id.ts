import { createHash } from 'node:crypto';
import { encodeTime, monotonicFactory } from 'ulid';

const next = monotonicFactory();

/** A new id: 26 lower-case characters that sort by creation, also within one millisecond of one process. */
export function newId(): string {
	return next().toLowerCase();
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** An id in the form of `newId` that the same time (ms) and parts always give, for what may be stored twice. */
export function deriveId(time: number, ...parts: string[]): string {
	const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
	const tail = [...digest.subarray(0, 16)].map((byte) => ALPHABET[byte % 32]).join('');
	return encodeTime(time).toLowerCase() + tail;
}
