import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const deriveKey = promisify(argon2);

/** OWASP's argon2id minimum: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const TAG_BYTES = 32;

/** Hashes a password as a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
export async function hashPassword(password: string): Promise<string> {
	const nonce = randomBytes(16);
	const tag = await deriveKey('argon2id', { message: password, nonce, tagLength: TAG_BYTES, ...COST });
	const costs = `m=${COST.memory},t=${COST.passes},p=${COST.parallelism}`;
	return `$argon2id$v=19$${costs}$${toBase64(nonce)}$${toBase64(tag)}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Whether a stored hash is one that `verifyPassword` can check. */
export function isPasswordHash(hash: string): boolean {
	return PHC.test(hash);
}

/** Whether `password` made `hash`, a PHC string of argon2id with any costs. False for anything unreadable. */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
	const match = PHC.exec(hash);
	if (match === null) return false;
	const [, memory, passes, parallelism, nonce, tag] = match as unknown as [
		string,
		string,
		string,
		string,
		string,
		string,
	];
	const expected = Buffer.from(tag, 'base64');
	const actual = await deriveKey('argon2id', {
		message: password,
		nonce: Buffer.from(nonce, 'base64'),
		tagLength: expected.length,
		memory: Number(memory),
		passes: Number(passes),
		parallelism: Number(parallelism),
	});
	return timingSafeEqual(actual, expected);
}

function toBase64(bytes: Buffer): string {
	return bytes.toString('base64').replaceAll('=', '');
}
