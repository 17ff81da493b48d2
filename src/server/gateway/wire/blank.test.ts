import { expect, test } from 'vitest';
import { Secret } from '../../secret.ts';
import { createBlanker } from './blank.ts';

const KEY = 'sk-real-key-9f8e7d6c5b4a';
const STARS = '*'.repeat(KEY.length);

function through(parts: string[], ...keys: string[]): string {
	const blanker = createBlanker((keys.length === 0 ? [KEY] : keys).map((key) => new Secret(key)));
	return Buffer.concat([...parts.map((part) => blanker.push(Buffer.from(part))), blanker.end()]).toString();
}

test('a key is written over, and everything else stays', () => {
	expect(through([`data: {"key":"${KEY}"}\n\n`, `again ${KEY}${KEY} end`])).toBe(
		`data: {"key":"${STARS}"}\n\nagain ${STARS}${STARS} end`,
	);
});

test.each(Array.from(KEY, (_, at) => at))('also one that is cut in two after %i characters', (at) => {
	expect(through([`a ${KEY.slice(0, at)}`, `${KEY.slice(at)} b`])).toBe(`a ${STARS} b`);
});

test('also one that comes byte by byte', () => {
	expect(through([...`xs${KEY}s`])).toBe(`xs${STARS}s`);
});

test('what only begins like a key is passed on, at the latest at the end', () => {
	expect(through(['sk-real', '-other sk-', 'sk-real-key'])).toBe('sk-real-other sk-sk-real-key');
});

test('what cannot be the beginning of a key is not held back', () => {
	const blanker = createBlanker([new Secret(KEY)]);
	expect(blanker.push(Buffer.from('data: {}\n\n')).toString()).toBe('data: {}\n\n');
});

test('a word that stands for no key is left alone', () => {
	expect(through(['nobody said none'], 'none')).toBe('nobody said none');
});

test('every secret of a connection is written over, also one that is a part of another, or that follows it at once', () => {
	const header = 'blue-team-secret';
	const both = `Bearer ${KEY}`;
	const answer = `a ${both}${header} ${KEY.slice(0, 9)}${header} b ${header.slice(0, 12)}`;
	const blanked = `a ${'*'.repeat(both.length + header.length)} ${KEY.slice(0, 9)}${'*'.repeat(header.length)} b ${header.slice(0, 12)}`;
	expect(through([answer], KEY, header, both, 'short')).toBe(blanked);
	expect(through([...answer], KEY, header, both, 'short')).toBe(blanked);
});
