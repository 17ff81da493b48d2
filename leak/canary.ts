import { randomBytes } from 'node:crypto';

/** A secret that exists nowhere else. Its `/` and `+` make its escapes differ from itself. */
export function makeCanary(name: string): string {
	return `${name}/${randomBytes(18).toString('base64url')}+${randomBytes(6).toString('hex')}`;
}

/** One way in which a secret may be written down. */
export type Needle = { way: string; bytes: Buffer };

/** Of a piece, enough that it is no coincidence, and more than the four characters that doce shows on purpose. */
const PIECE = 16;

/** Every way in which a secret is searched for. */
export function needlesOf(secret: string): Needle[] {
	const bytes = Buffer.from(secret);
	const texts: [way: string, text: string][] = [
		['plain', secret],
		...[0, 1, 2].flatMap((shift): [string, string][] => [
			[
				`base64 at ${shift}`,
				shifted(bytes, shift)
					.toString('base64')
					.slice(shift + 1, -4),
			],
			[
				`base64url at ${shift}`,
				shifted(bytes, shift)
					.toString('base64url')
					.slice(shift + 1, -4),
			],
		]),
		['hex', bytes.toString('hex')],
		['HEX', bytes.toString('hex').toUpperCase()],
		['URL-escaped', encodeURIComponent(secret)],
		['JSON with \\/', secret.replaceAll('/', '\\/')],
		['JSON with \\u', [...secret].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
		['reversed', [...secret].reverse().join('')],
		['head', headOf(secret)],
		['tail', secret.slice(-PIECE)],
	];
	return [...texts.map(([way, text]) => ({ way, bytes: Buffer.from(text) })), ...wide(secret)];
}

/** What a secret looks like to programs that keep two bytes for a character. */
function wide(secret: string): Needle[] {
	const little = Buffer.from(secret, 'utf16le');
	return [
		{ way: 'UTF-16', bytes: little },
		{ way: 'UTF-16, big end first', bytes: Buffer.from(little).swap16() },
	];
}

function shifted(bytes: Buffer, shift: number): Buffer {
	return Buffer.concat([Buffer.alloc(shift), bytes]);
}

/** Tokens that are JSON inside all begin alike, and are told apart by their middle. */
function headOf(secret: string): string {
	const at = secret.startsWith('eyJ') ? Math.floor(secret.length / 2) : 0;
	return secret.slice(at, at + PIECE);
}
