import { describe, expect, test } from 'vitest';
import { readPasteBack, redirectOf } from './pasteBack.ts';

const LINK =
	'https://auth.example.com/authorize?redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fauth%2Fcallback&state=st-1&code_challenge=x';
const redirect = redirectOf(LINK);
if (redirect === undefined) throw new Error('The link has no redirect.');
const read = (pasted: string) => readPasteBack(pasted, redirect);

test('a link says where the browser will be sent, if that is this machine', () => {
	expect(redirect).toEqual({ host: 'localhost', port: 1455, path: '/auth/callback', state: 'st-1' });
	expect(redirectOf('https://a.example/device')).toBeUndefined();
	expect(redirectOf('https://a.example/?redirect_uri=https%3A%2F%2Fb.example%2Fback')).toBeUndefined();
	expect(redirectOf('https://a.example/?redirect_uri=http%3A%2F%2F10.0.0.5%3A80%2F')).toBeUndefined();
	expect(redirectOf('https://a.example/?redirect_uri=oob')).toBeUndefined();
});

test('what is fetched is built from the attempt, with the known answers alone', () => {
	const found = read(' http://localhost:1455/auth/callback?code=c%261&state=st-1&next=http://10.0.0.1/#frag ');
	expect([found.method, found.url.href]).toEqual(['GET', 'http://127.0.0.1:1455/auth/callback?code=c%261&state=st-1']);
	expect(read('http://localhost:1455/auth/callback?error=access_denied&state=st-1').url.search).toContain(
		'access_denied',
	);
});

test('a token behind a # is posted to the plugin’s own page', () => {
	const pasted = 'http://localhost:1455/auth/callback#access_token=t-1&state=st-1&expires_in=60&evil=1';
	const found = readPasteBack(pasted, redirect, '/auth/token');
	expect([found.method, found.url.href]).toEqual(['POST', 'http://127.0.0.1:1455/auth/token']);
	expect(JSON.parse(found.body ?? '')).toEqual({ access_token: 't-1', state: 'st-1', expires_in: '60' });
	expect(() => readPasteBack(pasted.replace('st-1', 'st-2'), redirect, '/auth/token')).toThrow('another attempt');
});

const QUERY = '?code=c1&state=st-1';

describe('is refused:', () => {
	test.each([
		['nothing', ''],
		['a bare code', 'c1'],
		['another host', `http://evil.example:1455/auth/callback${QUERY}`],
		['the same machine by another name', `http://127.0.0.1:1455/auth/callback${QUERY}`],
		['IPv6 loopback', `http://[::1]:1455/auth/callback${QUERY}`],
		['a mapped address', `http://[::ffff:127.0.0.1]:1455/auth/callback${QUERY}`],
		['a decimal address', `http://2130706433:1455/auth/callback${QUERY}`],
		['a hexadecimal address', `http://0x7f.1:1455/auth/callback${QUERY}`],
		['any address', `http://0.0.0.0:1455/auth/callback${QUERY}`],
		['cloud metadata', `http://169.254.169.254:1455/auth/callback${QUERY}`],
		['a metadata name', `http://metadata.google.internal:1455/auth/callback${QUERY}`],
		['a private host', `http://10.0.0.5:1455/auth/callback${QUERY}`],
		['a longer name', `http://localhost.evil.example:1455/auth/callback${QUERY}`],
		['a name with a dot', `http://localhost.:1455/auth/callback${QUERY}`],
		['a user in front of another host', `http://localhost:1455@evil.example/auth/callback${QUERY}`],
		['a user', `http://me@localhost:1455/auth/callback${QUERY}`],
		['a password', `http://me:pw@localhost:1455/auth/callback${QUERY}`],
		['another port', `http://localhost:22/auth/callback${QUERY}`],
		['no port', `http://localhost/auth/callback${QUERY}`],
		['https', `https://localhost:1455/auth/callback${QUERY}`],
		['a file', 'file:///etc/passwd'],
		['another path', `http://localhost:1455/cancel${QUERY}`],
		['a path that climbs', `http://localhost:1455/auth/callback/../../cancel${QUERY}`],
		['an encoded path', `http://localhost:1455/auth%2fcallback${QUERY}`],
		['backslashes', `http:\\\\localhost:1455\\auth\\callback${QUERY}`],
		['two lines', `http://localhost:1455/auth/callback${QUERY}\nhost: evil.example`],
		['two codes', `http://localhost:1455/auth/callback${QUERY}&code=c2`],
		['no answer', 'http://localhost:1455/auth/callback?state=st-1'],
		['a long text', `http://localhost:1455/auth/callback${QUERY}&scope=${'x'.repeat(9_000)}`],
	])('%s', (_, pasted) => {
		const attempt = () => read(pasted);
		expect(attempt).toThrow('It begins with http://localhost:1455/auth/callback');
		expect(attempt).not.toThrow('c1');
	});

	test.each([
		['another state', 'http://localhost:1455/auth/callback?code=c1&state=st-2'],
		['no state', 'http://localhost:1455/auth/callback?code=c1'],
	])('%s', (_, pasted) => {
		expect(() => read(pasted)).toThrow('belongs to another attempt');
	});
});
