import { expect, test } from 'vitest';
import { Secret } from '#server/secret.ts';
import { redact } from './redact.ts';

const KEY = 'sk-canary/7Qz+9"xW2=mB4vLr';
const secret = new Secret(KEY);
const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
	['itself', KEY],
	['its head', KEY.slice(0, 10)],
	['its tail', KEY.slice(-10)],
	['reversed', [...KEY].reverse().join('')],
	['hex', Buffer.from(KEY).toString('hex')],
	['HEX', Buffer.from(KEY).toString('hex').toUpperCase()],
	['base64', base64(KEY)],
	['base64 after one byte', base64(`a${KEY}`)],
	['base64 after two bytes', base64(`ab${KEY}`)],
	['base64 of a header', base64(`user:${KEY}`)],
	['base64url', Buffer.from(KEY).toString('base64url')],
	['URL-escaped', encodeURIComponent(KEY)],
	['JSON-escaped', JSON.stringify(KEY)],
])('takes out the key as %s', (_name, form) => {
	const result = redact(`before ${form} after`, [secret]);
	expect(result).toMatch(/^before .*\[key\].* after$/);
	for (let at = 0; at + 8 <= form.length; at++) {
		const piece = form.slice(at, at + 8);
		if (base64(KEY).includes(piece) || KEY.includes(piece)) expect(result).not.toContain(piece);
	}
	// What is left of any form is too little to be of use.
	expect(
		result
			.replace('before ', '')
			.replace(' after', '')
			.replace(/\[key\]/g, '').length,
	).toBeLessThan(12);
});

test('leaves other text alone, and short keys are taken out whole', () => {
	expect(redact('Invalid model: gpt-5', [secret])).toBe('Invalid model: gpt-5');
	expect(redact('the key abcd is wrong', [new Secret('abcd')])).toBe('the key [key] is wrong');
	expect(redact('nothing to hide', [])).toBe('nothing to hide');
});
