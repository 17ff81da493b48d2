import { expect, test } from 'vitest';
import { checkReader, checkSameOrigin, isOwnHost } from './origin.ts';

const OURS = 'http://localhost:4321';
const check = (method: string, headers: Record<string, string>) => () =>
	checkSameOrigin(method, new Headers(headers), OURS);

test('reading needs no origin', () => {
	expect(check('GET', {})).not.toThrow();
});

test('a change from our own page is allowed', () => {
	expect(check('POST', { origin: OURS, 'content-type': 'application/json' })).not.toThrow();
	expect(check('POST', { 'sec-fetch-site': 'same-origin' })).not.toThrow();
});

test.each([
	['no origin at all', {}],
	['another site', { origin: 'https://evil.example' }],
	['a preview', { origin: 'http://blog.localhost:4321', 'sec-fetch-site': 'same-site' }],
	['another port of the same host', { origin: 'http://localhost:9999' }],
	['a sandboxed frame', { origin: 'null' }],
	['a forged host', { origin: 'http://evil.example', host: 'evil.example', 'x-forwarded-host': 'localhost:4321' }],
])('a change from %s is refused', (_, headers) => {
	expect(check('POST', headers as Record<string, string>)).toThrow(/DOCE_PUBLIC_URL/);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
	'a body of %s is refused',
	(type) => {
		expect(check('POST', { origin: OURS, 'content-type': type })).toThrow('Send JSON');
	},
);

test.each([
	['our own page', { 'sec-fetch-site': 'same-origin' }],
	['our own page that names its origin', { origin: OURS }],
	['our own page on plain http', {}],
])('live events go to %s', (_, headers) => {
	expect(() => checkReader(new Headers(headers as Record<string, string>), OURS)).not.toThrow();
});

test.each([
	['a preview', { origin: 'http://blog.localhost:4321' }],
	['a page of the same site', { 'sec-fetch-site': 'same-site' }],
	['another site', { 'sec-fetch-site': 'cross-site' }],
	['a sandboxed frame', { origin: 'null' }],
	['a forged host', { origin: 'http://evil.example', host: 'evil.example' }],
])('live events do not go to %s', (_, headers) => {
	expect(() => checkReader(new Headers(headers as Record<string, string>), OURS)).toThrow(OURS);
});

test.each([
	['http://blog.localhost:4321', 'blog.localhost:4321', true],
	['http://blog.localhost:4321', 'BLOG.localhost:4321', true],
	['https://blog.example.com', 'blog.example.com', true],
	['https://blog.example.com', 'blog.example.com:443', true],
	['http://shop.localhost:4321', 'blog.localhost:4321', false],
	['http://localhost:4321', 'blog.localhost:4321', false],
	['http://blog.localhost:9999', 'blog.localhost:4321', false],
	['https://evil.example', 'blog.localhost:4321', false],
	['null', 'blog.localhost:4321', false],
	['file://blog.localhost:4321', 'blog.localhost:4321', false],
	[undefined, 'blog.localhost:4321', false],
	['http://blog.localhost:4321', undefined, false],
	['http://blog.localhost', 'evil.example@blog.localhost', false],
])('a page at %s is of the host %s: %s', (origin, host, expected) => {
	expect(isOwnHost(origin, host)).toBe(expected);
});
