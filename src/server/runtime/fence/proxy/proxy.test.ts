import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { findAllowed, parseAuthority } from './destinations.ts';
import { connectThrough, upstreamOf } from './upstream.ts';

const closers: (() => void)[] = [];
afterEach(() => {
	for (const close of closers.splice(0)) close();
});

test.each([
	['registry.npmjs.org:443', { host: 'registry.npmjs.org', port: 443 }],
	['REGISTRY.npmjs.org:443', { host: 'registry.npmjs.org', port: 443 }],
	['[::1]:80', { host: '::1', port: 80 }],
	['registry.npmjs.org', undefined],
	['registry.npmjs.org:443/../x', undefined],
	['user@registry.npmjs.org:443', undefined],
	['registry.npmjs.org:443:80', undefined],
	['', undefined],
])('%s is read as %o', (authority, expected) => {
	expect(parseAuthority(authority)).toEqual(expected);
});

test('only the very host and port of the list are allowed', () => {
	const list = [{ host: 'registry.npmjs.org', port: 443, local: false }];
	expect(findAllowed({ host: 'registry.npmjs.org', port: 443 }, list)).toBe(list[0]);
	for (const [host, port] of [
		['registry.npmjs.org', 80],
		['registry.npmjs.org.', 443],
		['evil.registry.npmjs.org', 443],
		['npmjs.org', 443],
	] as const)
		expect(findAllowed({ host, port }, list)).toBeUndefined();
});

test('a machine that has to use a proxy itself uses it, but for its own network', () => {
	const env = { HTTPS_PROXY: 'http://proxy.corp:8080', NO_PROXY: 'localhost, .corp' };
	const to = (host: string, local = false) => upstreamOf({ host, port: 443, local }, env)?.host;
	expect(to('registry.npmjs.org')).toBe('proxy.corp:8080');
	expect(to('npm.corp')).toBeUndefined();
	expect(to('10.0.0.1', true)).toBeUndefined();
	expect(upstreamOf({ host: 'a.example', port: 443, local: false }, {})).toBeUndefined();
});

test('a connection through that proxy carries its password, and ends with its refusal', async () => {
	const target = createServer((_, response) => response.end('reached')).listen(0, '127.0.0.1');
	const upstream = createServer().listen(0, '127.0.0.1');
	closers.push(
		() => target.close(),
		() => upstream.close(),
	);
	await Promise.all([once(target, 'listening'), once(upstream, 'listening')]);
	const { port } = target.address() as AddressInfo;
	upstream.on('connect', (request, socket) => {
		if (request.headers['proxy-authorization'] !== `Basic ${Buffer.from('me:p w').toString('base64')}`)
			return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
		const other = connect(port, '127.0.0.1');
		socket.write('HTTP/1.1 200 OK\r\n\r\n');
		socket.pipe(other).pipe(socket);
	});
	const at = (login: string) => new URL(`http://${login}@127.0.0.1:${(upstream.address() as AddressInfo).port}`);
	const destination = { host: 'site.example', port: 80, local: false };
	const socket = await connectThrough(at('me:p%20w'), destination);
	socket.write('GET / HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n\r\n');
	const chunks: Buffer[] = [];
	for await (const chunk of socket) chunks.push(chunk as Buffer);
	expect(Buffer.concat(chunks).toString()).toContain('reached');
	await expect(connectThrough(at('me:wrong'), destination)).rejects.toThrow('407');
});
