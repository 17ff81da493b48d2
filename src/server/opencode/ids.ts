import { randomInt } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 14;

/** The last id's time and how many were made in that millisecond. */
let last = { time: 0, count: 0 };

/**
 * An id for a message of ours, in OpenCode's own form: 48 bits of time and counter in hex, then random letters.
 * OpenCode orders messages by id, so one that is made later sorts later. `now` in ms.
 */
export function newOpenCodeMessageId(now: number): string {
	last = last.time === now ? { time: now, count: last.count + 1 } : { time: now, count: 1 };
	const clock = (BigInt(now) * 0x1000n + BigInt(last.count)) & 0xffff_ffff_ffffn;
	const random = Array.from({ length: RANDOM_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
	return `msg_${clock.toString(16).padStart(12, '0')}${random}`;
}

/** The id of the one text part of a message of ours: sent again with both ids, the message stays one. */
export function partIdOf(messageId: string): string {
	return messageId.replace(/^msg_/, 'prt_');
}
