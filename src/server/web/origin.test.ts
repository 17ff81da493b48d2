import { expect, test } from 'vitest';
import { checkSameOrigin } from './origin.ts';

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
