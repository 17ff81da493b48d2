import { createSecretKey, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import { type Binding, credentialBinding, decryptParts, fingerprint, lastFour, open, seal } from './credentials.ts';
import type { Keyring } from './keys/keyring.ts';
import { type Fixture, openFixture } from './testing/fixture.ts';

let fixture: Fixture;
let keyring: Keyring;
const binding = credentialBinding({ id: 'c1', user_id: 'u1', provider_id: 'anthropic' });

beforeEach(async () => {
	fixture = await openFixture();
	keyring = await fixture.openKeys();
});
afterEach(() => fixture.close());

test('what was sealed opens again, and is never the same ciphertext twice', () => {
	const first = seal(keyring, 'sk-ä secret', binding);
	expect(open(keyring, first, binding).reveal()).toBe('sk-ä secret');
	expect(first).toMatch(/^[A-Za-z0-9_-]+$/);
	expect(seal(keyring, 'sk-ä secret', binding)).not.toBe(first);
	expect(String(open(keyring, first, binding))).toBe('[secret]');
});

test.each<Partial<Binding>>([
	{ row: 'c2' },
	{ owner: 'u2' },
	{ provider: 'openai' },
	{ field: 'other' },
	{ table: 'user_settings' },
	{ purpose: 'other' },
	// The same characters, cut in another place.
	{ row: 'c1u', owner: '1' },
])('moved to another place it does not open: %o', (elsewhere) => {
	const blob = seal(keyring, 'sk-secret', binding);
	expect(() => open(keyring, blob, { ...binding, ...elsewhere })).toThrow('could not be decrypted');
});

test('moved to another installation it does not open', () => {
	const blob = seal(keyring, 'sk-secret', binding);
	expect(() => open({ ...keyring, instanceId: 'another' }, blob, binding)).toThrow('could not be decrypted');
});

test('with any byte changed, or cut short, it does not open', () => {
	const bytes = Buffer.from(seal(keyring, 'sk', binding), 'base64url');
	for (let at = 0; at < bytes.length; at++) {
		const altered = Buffer.from(bytes);
		altered[at] = (altered[at] ?? 0) ^ 1;
		expect(() => open(keyring, altered.toString('base64url'), binding), `byte ${at}`).toThrow('could not be decrypted');
		expect(() => open(keyring, bytes.subarray(0, at).toString('base64url'), binding)).toThrow('could not be decrypted');
	}
	expect(() => open(keyring, 'no blob at all', binding)).toThrow('could not be decrypted');
});

test('a tag of four bytes is refused, although it is a true prefix', async () => {
	const { createCipheriv, createDecipheriv } = await import('node:crypto');
	const key = createSecretKey(randomBytes(32));
	const nonce = randomBytes(12);
	const cipher = createCipheriv('aes-256-gcm', key, nonce);
	const ciphertext = Buffer.concat([cipher.update('sk-secret'), cipher.final()]);
	const tag = cipher.getAuthTag();
	const none = Buffer.alloc(0);
	expect(decryptParts(key, { nonce, ciphertext, tag }, none)?.toString()).toBe('sk-secret');
	expect(() => decryptParts(key, { nonce, ciphertext, tag: tag.subarray(0, 4) }, none)).toThrow(
		/authentication tag length/,
	);
	// What would happen without `authTagLength`.
	const careless = createDecipheriv('aes-256-gcm', key, nonce);
	careless.setAuthTag(tag.subarray(0, 4));
	expect(careless.update(ciphertext, undefined, 'utf8') + careless.final('utf8')).toBe('sk-secret');
});

test('a fingerprint tells equal keys, stays over restarts, and differs between installations', async () => {
	const key = new Secret('sk-secret');
	const again = await fixture.openKeys();
	expect(fingerprint(again, key)).toBe(fingerprint(keyring, new Secret('sk-secret')));
	expect(fingerprint(keyring, new Secret('sk-secret2'))).not.toBe(fingerprint(keyring, key));
	const other = await openFixture();
	expect(fingerprint(await other.openKeys(), key)).not.toBe(fingerprint(keyring, key));
	await other.close();
});

test('the last four characters are shown of long secrets only', () => {
	expect(lastFour(new Secret('sk-ant-12345678'))).toBe('5678');
	expect(lastFour(new Secret('12345678901'))).toBeNull();
});
