import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { findLeaks } from './findLeaks.ts';
import { formsOf } from './forms.ts';
import { createScrubber } from './scrubber.ts';
import { hashWindows } from './windows.ts';

const KEY = 'sk-ant-api03-7QzX9xW2mB4vLr8tYp1sKd';
const key = randomBytes(32);
const scrubber = createScrubber([KEY], key);
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** The text, given to a stream in pieces of so many characters. */
function streamed(text: string, size: number, stream = scrubber.stream()): string {
	let shown = '';
	for (let at = 0; at < text.length; at += size) shown += stream.push(text.slice(at, at + size));
	return shown + stream.end();
}

const FORMS: [name: string, form: string][] = [
	['itself', KEY],
	['its end', KEY.slice(-10)],
	['its middle', KEY.slice(15, 25)],
	['reversed', [...KEY].reverse().join('')],
	['hex', Buffer.from(KEY).toString('hex')],
	['HEX', Buffer.from(KEY).toString('hex').toUpperCase()],
	['base64', base64(KEY)],
	['base64 after one byte', base64(`a${KEY}`)],
	['base64 after two bytes', base64(`ab${KEY}`)],
	['base64 of a header', base64(`user:${KEY}`)],
	['base64url', Buffer.from(KEY).toString('base64url')],
	['URL-escaped', encodeURIComponent(KEY)],
	['JSON', JSON.stringify({ key: KEY })],
];

test.each(FORMS)('takes the key out as %s, whole or in pieces of any size', (_name, form) => {
	const text = `before ${form} after`;
	const whole = scrubber.scrub(text);
	expect(whole).toMatch(/^before .*\[key\].* after$/);
	for (let at = 0; at + 8 <= 22; at++) expect(whole).not.toContain(KEY.slice(13).slice(at, at + 8));
	for (const size of [1, 2, 3, 7, 8, 9, 16, 40]) expect(streamed(text, size)).toBe(whole);
	expect(scrubber.isIn(Buffer.from(text))).toBe(true);
});

test('what keys have in common is no secret', () => {
	const other = 'the key begins with sk-ant-api03- as in sk-ant-api03-EXAMPLEEXAMPLE';
	expect(scrubber.scrub(other)).toBe(other);
	const signed = (payload: string, end: string) => `${base64('{"alg":"RS256"}')}.${base64(payload)}.${end}`;
	const token = createScrubber([signed('{"sub":"somebody at length"}', 'c2lnbmF0dXJl')], key);
	expect(token.scrub(`${base64('{"alg":"RS256"}')}.`)).toBe(`${base64('{"alg":"RS256"}')}.`);
	expect(token.scrub(signed('{"sub":"somebody at length"}', 'c2lnbmF0dXJl'))).toMatch(/\[key\]/);
});

test('a text without a secret comes out as it went in', () => {
	const text = 'A bakery’s page 🥐 with $5.00 prices and a 0123456789abcdef hash.\n'.repeat(50);
	expect(scrubber.scrub(text)).toBe(text);
	expect(streamed(text, 5)).toBe(text);
	expect(scrubber.scrub('')).toBe('');
	expect(createScrubber([], key).scrub(text)).toBe(text);
});

test('several secrets, and several places, are each marked once', () => {
	const both = createScrubber([KEY, 'another+secret/0987654321'], key);
	expect(both.scrub(`a=${KEY}, b=another+secret/0987654321, a=${KEY}.`)).toBe(
		'a=sk-ant-a[key], b=[key], a=sk-ant-a[key].',
	);
	expect(both.scrub(`${KEY}${KEY}`)).not.toContain(KEY.slice(-8));
});

test('a stream shows what it can at once, and holds a few characters back', () => {
	const stream = scrubber.stream();
	const shown = stream.push('x'.repeat(1_000));
	expect(shown.length).toBeGreaterThan(950);
	expect(stream.push('y').length).toBe(1);
	expect(stream.end().endsWith('y')).toBe(true);
	expect(stream.end()).toBe('');
});

test('a gateway’s token is known by its look, in a stream too', () => {
	const token = `dpt_${randomBytes(32).toString('base64url')}`;
	expect(scrubber.scrub(`token: ${token}!`)).toBe('token: [key]!');
	for (const size of [1, 5, 20]) expect(streamed(`token: ${token}!`, size)).toBe('token: [key]!');
	expect(streamed('dpt_short is none', 3)).toBe('dpt_short is none');
});

test('words in the place of keys do not tear other texts', () => {
	const words = createScrubber(['ollama', 'lm-studio', 'none', 'not-a-real-key'], key);
	expect(words.scrub('none of ollama and lm-studio, a real-key')).toBe('none of ollama and lm-studio, a real-key');
	expect(words.scrub('it is not-a-real-key')).toBe('it is [key]');
	expect(formsOf('short1')).toEqual([]);
	expect(createScrubber(['abcd1234'], key).scrub('is abcd1234 it')).toBe('is [key] it');
});

test('what it keeps does not tell the secret', () => {
	const shown = inspect([scrubber, hashWindows([KEY], 8, key)], { depth: 10, showHidden: true });
	for (let at = 0; at + 8 <= KEY.length; at++) expect(shown).not.toContain(KEY.slice(at, at + 8));
});

test('two texts that share a hash by chance are told apart', () => {
	// With such a key the quick hash is the sum of the characters: every permutation shares it.
	const plain = Buffer.alloc(32);
	const windows = hashWindows(['abcdefgh'], 8, plain);
	const hidden = new Uint8Array(16);
	windows.mark('hgfedcbaabcdefgh', hidden);
	expect([...hidden]).toEqual([...Array(8).fill(0), ...Array(8).fill(1)]);
});

test('files that carry a secret are named, text or not, in UTF-16 too', async () => {
	const files = [
		{ path: 'README.md', content: Buffer.from('# A site') },
		{ path: 'src/config.ts', content: Buffer.from(`export const key = '${KEY}';`) },
		{ path: 'logo.png', content: Buffer.concat([randomBytes(2_000), Buffer.from(KEY), randomBytes(2_000)]) },
		{ path: 'notes.txt', content: Buffer.from(KEY, 'utf16le') },
		{ path: 'blank.bin', content: Buffer.alloc(100) },
	];
	expect(await findLeaks(scrubber, files)).toEqual(['src/config.ts', 'logo.png', 'notes.txt']);
});
