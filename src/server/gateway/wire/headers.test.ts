import { expect, test } from 'vitest';
import { Secret } from '../../secret.ts';
import { headersToCaller, headersToProvider, secretsOf, tokenOf } from './headers.ts';

const TOKEN = `dpt_${'a'.repeat(43)}`;
const OTHER = `dpt_${'b'.repeat(43)}`;
const KEY = new Secret('sk-the-real-key-123456');

test.each([
	[{ authorization: `Bearer ${TOKEN}` }, ''],
	[{ authorization: `bearer ${TOKEN}` }, ''],
	[{ 'x-api-key': TOKEN }, ''],
	[{ 'x-goog-api-key': TOKEN }, ''],
	[{ 'api-key': TOKEN }, ''],
	[{}, `key=${TOKEN}`],
	[{ authorization: `Bearer ${TOKEN}`, 'x-api-key': TOKEN }, `key=${TOKEN}`],
])('a token is known wherever an SDK puts it: %j ?%s', (headers, query) => {
	expect(tokenOf(headers, new URLSearchParams(query))).toBe(TOKEN);
});

test.each([
	[{}, ''],
	[{ authorization: `Basic ${TOKEN}` }, ''],
	[{ authorization: 'Bearer sk-the-real-key-123456' }, ''],
	[{ authorization: `Bearer ${TOKEN}x` }, ''],
	[{ authorization: `Bearer ${TOKEN}`, 'x-api-key': OTHER }, ''],
	[{ 'x-api-key': TOKEN }, `key=${OTHER}`],
	[{}, `key=${TOKEN}&key=${OTHER}`],
])('anything else is none: %j ?%s', (headers, query) => {
	expect(tokenOf(headers, new URLSearchParams(query))).toBeUndefined();
});

test('a provider gets the key where it looks for it, the connection’s own headers, and of the caller’s what is harmless', () => {
	const sent = headersToProvider(
		{
			host: 'evil.example',
			authorization: `Bearer ${TOKEN}`,
			'x-api-key': TOKEN,
			'x-goog-api-key': TOKEN,
			'api-key': TOKEN,
			cookie: 'a=b',
			'x-forwarded-host': 'evil.example',
			'openai-organization': 'org-other',
			'x-goog-user-project': 'other',
			'accept-encoding': 'gzip, br',
			'content-type': 'application/json',
			'anthropic-version': '2024-01-01',
			'x-team': 'red',
		},
		{ key: KEY, keyHeader: 'x-api-key', own: { 'x-team': new Secret('blue') } },
	);
	expect(sent).toEqual({
		'x-api-key': KEY.reveal(),
		'content-type': 'application/json',
		'anthropic-version': '2024-01-01',
		'x-team': 'blue',
		'accept-encoding': 'identity',
	});
});

test('a caller gets no cookie, no way to go elsewhere, and no header that holds a secret', () => {
	const sent = headersToCaller(
		{
			'content-type': 'text/event-stream',
			'set-cookie': ['session=1'],
			location: 'https://evil.example',
			'x-request-id': `req-${KEY.reveal()}`,
			'request-id': 'req-1',
			'x-ratelimit-remaining': '5',
			'x-echoed-key': KEY.reveal(),
			server: 'nginx',
		},
		[KEY],
	);
	expect(sent).toEqual({ 'content-type': 'text/event-stream', 'request-id': 'req-1', 'x-ratelimit-remaining': '5' });
});

test.each([
	['in base64', (key: string) => Buffer.from(key).toString('base64')],
	['in base64, behind a word', (key: string) => Buffer.from(`Bearer ${key}`).toString('base64url')],
	['in hex', (key: string) => Buffer.from(key).toString('hex').toUpperCase()],
	['reversed', (key: string) => [...key].reverse().join('')],
])('nor one that holds it %s', (_, written) => {
	const headers = { 'x-request-id': `req-${written(KEY.reveal())}`, 'request-id': 'req-1' };
	expect(headersToCaller(headers, [new Secret('b'), KEY])).toEqual({ 'request-id': 'req-1' });
});

test('of the connection’s own headers those are secret that no caller may send', () => {
	const own = {
		'X-Team': new Secret('blue'),
		'HTTP-Referer': new Secret('https://example.com'),
		accept: new Secret('*/*'),
	};
	expect(secretsOf(KEY, own).map((secret) => secret.reveal())).toEqual([KEY.reveal(), 'blue']);
});
