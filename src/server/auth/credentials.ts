import { createCipheriv, createDecipheriv, createHmac, type KeyObject, randomBytes } from 'node:crypto';
import { AppError } from '#server/errors.ts';
import { Secret } from '#server/secret.ts';

/** What sealing needs of a keyring. Each throws `AppError('unavailable')` with the cure while the keyring is locked. */
export type SealingKeys = {
	readonly instanceId: string;
	activeKey(): { id: string; key: KeyObject };
	dataKey(id: string): KeyObject | undefined;
	fingerprintKey(): KeyObject;
};

/** What a sealed text belongs to: under any other binding it does not open. */
export type Binding = {
	purpose: string;
	table: string;
	row: string;
	owner: string;
	provider: string;
	field: string;
};

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals a text: base64url of `version | data key id | nonce | ciphertext | tag`. */
export function seal(keys: SealingKeys, text: string, binding: Binding): string {
	const { id, key } = keys.activeKey();
	const header = headerOf(id);
	const box = encrypt(key, Buffer.from(text, 'utf8'), additionalData(keys.instanceId, header, binding));
	return Buffer.concat([header, box]).toString('base64url');
}

/** Opens what `seal` made. Throws `AppError('unavailable')` when it was altered, moved, or made with a key that is gone. */
export function open(keys: SealingKeys, blob: string, binding: Binding): Secret {
	const id = sealedWith(blob);
	const key = id === undefined ? undefined : keys.dataKey(id);
	const header = headerOf(id ?? '');
	const box = Buffer.from(blob, 'base64url').subarray(header.length);
	const text = key && decrypt(key, box, additionalData(keys.instanceId, header, binding));
	if (text === undefined) {
		throw new AppError(
			'unavailable',
			'A stored credential could not be decrypted. Disconnect the provider and connect it again.',
		);
	}
	return new Secret(text.toString('utf8'));
}

/** The id of the data key a sealed text was made with; undefined when it is no sealed text. */
export function sealedWith(blob: string): string | undefined {
	const bytes = Buffer.from(blob, 'base64url');
	const end = 2 + (bytes[1] ?? 0);
	if (bytes[0] !== VERSION || bytes.length < end + NONCE_BYTES + TAG_BYTES) return undefined;
	return bytes.subarray(2, end).toString('latin1');
}

/** AES-256-GCM under a fresh random nonce: `nonce | ciphertext | tag`. */
export function encrypt(key: KeyObject, plain: Buffer, additional: Buffer): Buffer {
	const nonce = randomBytes(NONCE_BYTES);
	const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
	cipher.setAAD(additional);
	const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
	return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]);
}

/** Undoes `encrypt`; undefined when key, additional data or any byte differs. */
export function decrypt(key: KeyObject, box: Buffer, additional: Buffer): Buffer | undefined {
	if (box.length < NONCE_BYTES + TAG_BYTES) return undefined;
	const end = box.length - TAG_BYTES;
	return decryptParts(
		key,
		{ nonce: box.subarray(0, NONCE_BYTES), ciphertext: box.subarray(NONCE_BYTES, end), tag: box.subarray(end) },
		additional,
	);
}

/**
 * The decryption itself. Without `authTagLength`, Node would take a tag of four bytes, which can be guessed:
 * a tag of any other length than 16 bytes throws here.
 */
export function decryptParts(
	key: KeyObject,
	box: { nonce: Buffer; ciphertext: Buffer; tag: Buffer },
	additional: Buffer,
): Buffer | undefined {
	const decipher = createDecipheriv('aes-256-gcm', key, box.nonce, { authTagLength: TAG_BYTES });
	decipher.setAAD(additional);
	decipher.setAuthTag(box.tag);
	const start = decipher.update(box.ciphertext);
	try {
		return Buffer.concat([start, decipher.final()]);
	} catch (error) {
		// `final` has this one thing to say, and no error code for it.
		if (error instanceof Error && /authenticate/.test(error.message)) return undefined;
		throw error;
	}
}

/** What a connection's credential is bound to. */
export function credentialBinding(connection: { id: string; user_id: string; provider_id: string }): Binding {
	return {
		purpose: 'credential',
		table: 'provider_connections',
		row: connection.id,
		owner: connection.user_id,
		provider: connection.provider_id,
		field: 'sealed_credential',
	};
}

/** A keyed fingerprint, for "is this the same key?"; without the keyring it says nothing about the secret. */
export function fingerprint(keys: SealingKeys, secret: Secret): string {
	return createHmac('sha256', keys.fingerprintKey()).update(secret.reveal()).digest('base64url');
}

/** The last four characters, for the eye; nothing of a secret so short that they would give it away. */
export function lastFour(secret: Secret): string | null {
	const text = secret.reveal();
	return text.length < 12 ? null : text.slice(-4);
}

/** Parts with their lengths in front, so that no two lists of parts make the same bytes. */
export function lengthPrefixed(parts: readonly (string | Buffer)[]): Buffer {
	const pieces = parts.flatMap((part) => {
		const bytes = Buffer.from(part);
		const length = Buffer.alloc(4);
		length.writeUInt32BE(bytes.length);
		return [length, bytes];
	});
	return Buffer.concat(pieces);
}

function headerOf(dataKeyId: string): Buffer {
	const id = Buffer.from(dataKeyId, 'latin1');
	return Buffer.concat([Buffer.from([VERSION, id.length]), id]);
}

function additionalData(instanceId: string, header: Buffer, b: Binding): Buffer {
	return lengthPrefixed([header, b.purpose, instanceId, b.table, b.row, b.owner, b.provider, b.field]);
}
