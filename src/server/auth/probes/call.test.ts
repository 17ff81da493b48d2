import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type FakeProvider, replyJson, startFakeProvider } from '../testing/fakeProvider.ts';
import { callProvider, guardedConnector, type ProviderRequest, type Resolve } from './call.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
	for (const each of open.splice(0)) await each.close();
});

async function fake(answer: Parameters<typeof startFakeProvider>[0]): Promise<FakeProvider> {
	const provider = await startFakeProvider(answer);
	open.push(provider);
	return provider;
}

const get = (url: string, more: Partial<ProviderRequest> = {}, resolve?: Resolve) =>
	callProvider(
		{ url: new URL(url), method: 'GET', headers: {}, allowPrivate: true, timeoutMs: 5_000, ...more },
		resolve,
	);

/** A name server that says what the test wants. */
const lyingResolver = (...addresses: string[]) =>
	((_name: string, _options: unknown, callback: (error: null, found: { address: string; family: number }[]) => void) =>
		callback(
			null,
			addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
		)) as unknown as Resolve;

test('a reply comes back with status and text', async () => {
	const { baseURL, seen } = await fake((_request, response) =>
		replyJson(response, 429, { no: 1 }, { 'retry-after': '7' }),
	);
	expect(await get(`${baseURL}/models`, { headers: { 'x-test': 'y' } })).toEqual({
		kind: 'reply',
		status: 429,
		retryAfter: '7',
		text: '{"no":1}',
	});
	expect(seen[0]?.headers['x-test']).toBe('y');
});

test.each(['127.0.0.1', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1'])(
	'a literal that slips past every other check is stopped at the socket: %s',
	async (host) => {
		const { port, seen } = await fake((_request, response) => replyJson(response, 200, {}));
		const result = await get(`http://${host}:${port}/`, { allowPrivate: false });
		expect(result).toMatchObject({ kind: 'fault', fault: 'refused' });
		expect(seen).toEqual([]);
	},
);

test('a name that leads to a private address is refused', async () => {
	const { port, seen } = await fake((_request, response) => replyJson(response, 200, {}));
	const result = await get(
		`https://rebind.example:${port}/`,
		{ allowPrivate: false },
		lyingResolver('127.0.0.1', '::1'),
	);
	expect(result).toMatchObject({
		fault: 'refused',
		message: expect.stringContaining('rebind.example leads to a refused address'),
	});
	expect(seen).toEqual([]);
});

test('of several addresses only the allowed are tried, and metadata never', async () => {
	const { port } = await fake((_request, response) => replyJson(response, 200, {}));
	const local = await get(`http://ollama:${port}/`, {}, lyingResolver('169.254.169.254', '127.0.0.1'));
	expect(local).toMatchObject({ kind: 'reply', status: 200 });
	const metadata = await get(`http://ollama:${port}/`, {}, lyingResolver('169.254.169.254'));
	expect(metadata).toMatchObject({ fault: 'refused', message: expect.stringContaining('never calls') });
	const publicHttp = await get(`http://ollama:${port}/`, {}, lyingResolver('93.184.216.34'));
	expect(publicHttp).toMatchObject({ fault: 'refused', message: expect.stringContaining('Use https') });
});

test('a socket that ended up elsewhere than the name promised is closed', async () => {
	const { port } = await fake((_request, response) => replyJson(response, 200, {}));
	const connect = guardedConnector({ allowPrivate: false, plainHttp: false }, lyingResolver('93.184.216.34'));
	const error = await new Promise((resolve) => {
		// A literal is not looked up, as a rebinding name would not be a second time.
		connect({ hostname: '127.0.0.1', protocol: 'http:', port: String(port) }, (...[reason]) => resolve(reason));
	});
	expect(String(error)).toContain('127.0.0.1 is a private address');
});

test('a redirect is not followed, and its target is named', async () => {
	const { baseURL, seen } = await fake((_request, response) => {
		response.writeHead(302, { location: 'http://169.254.169.254/latest?key=x' }).end();
	});
	const result = await get(`${baseURL}/models`);
	expect(result).toMatchObject({
		fault: 'redirect',
		message: expect.stringContaining('redirects to http://169.254.169.254.'),
	});
	expect(seen).toHaveLength(1);
});

test('a body without end is cut off', async () => {
	const { baseURL } = await fake((_request, response) => {
		response.on('error', () => undefined);
		const more = () => {
			while (!response.destroyed && response.write(Buffer.alloc(100_000, 'x')));
		};
		response.on('drain', more);
		more();
	});
	expect(await get(baseURL)).toMatchObject({ fault: 'too_large' });
});

test('silence is a timeout', async () => {
	const { baseURL } = await fake(() => undefined);
	expect(await get(baseURL, { timeoutMs: 100 })).toMatchObject({
		fault: 'timeout',
		message: expect.stringContaining('in time'),
	});
});

test('the caller can end a call', async () => {
	const { baseURL } = await fake(() => undefined);
	await expect(get(baseURL, { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
});

test('nobody there, no such name, no TLS, no HTTP, hung up: each has its words', async () => {
	const closed = await fake(() => undefined);
	await closed.close();
	open.length = 0;
	expect(await get(closed.baseURL)).toMatchObject({ message: expect.stringContaining('connection refused') });
	const missing = ((_name: string, _options: unknown, callback: (error: Error) => void) =>
		callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))) as unknown as Resolve;
	expect(await get('https://nowhere.example', {}, missing)).toMatchObject({
		fault: 'name',
		message: expect.stringContaining('nowhere.example'),
	});
	const { port } = await fake((_request, response) => response.destroy());
	expect(await get(`https://127.0.0.1:${port}`)).toMatchObject({ fault: expect.stringMatching(/tls|network/) });
	expect(await get(`http://127.0.0.1:${port}`)).toMatchObject({
		message: expect.stringContaining('closed the connection'),
	});
	const rude = createServer((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n'))).listen(
		0,
		'127.0.0.1',
	);
	open.push(rude);
	await new Promise((listening) => rude.once('listening', listening));
	expect(await get(`http://127.0.0.1:${(rude.address() as AddressInfo).port}`)).toMatchObject({ fault: 'not_http' });
});
