import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import { readOpening } from './hello.ts';

let hello: Buffer;

beforeAll(async () => {
	hello = await helloFor('Registry.npmjs.org');
});

/** What Node's own TLS begins with. */
async function helloFor(servername: string): Promise<Buffer> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', servername });
	client.on('error', () => undefined);
	const [socket] = (await once(server, 'connection')) as [Socket];
	const [bytes] = (await once(socket, 'data')) as [Buffer];
	client.destroy();
	socket.destroy();
	server.close();
	return bytes;
}

/** The same with something after its extensions, all lengths right. */
function withExtension(bytes: Buffer, type: number, value: Buffer): Buffer {
	const body = Buffer.from(bytes.subarray(9));
	let at = 2 + 32;
	for (const size of [1, 2, 1]) at += size + body.readUIntBE(at, size);
	const header = Buffer.alloc(4);
	header.writeUInt16BE(type, 0);
	header.writeUInt16BE(value.length, 2);
	body.writeUInt16BE(body.readUInt16BE(at) + 4 + value.length, at);
	const message = Buffer.concat([body, header, value]);
	return record(Buffer.concat([Buffer.from([1, 0, message.length >> 8, message.length & 0xff]), message]));
}

function record(message: Buffer): Buffer {
	return Buffer.concat([Buffer.from([22, 3, 1, message.length >> 8, message.length & 0xff]), message]);
}

test('the name of the host is read from what a TLS client says first', () => {
	expect(readOpening(hello)).toEqual({ kind: 'tls', serverName: 'registry.npmjs.org', isHidden: false });
});

test('cut anywhere it is waited for the rest, and put together from many records', () => {
	for (let length = 0; length < hello.length; length++)
		expect(readOpening(hello.subarray(0, length)), `${length}`).toEqual({ kind: 'partial' });
	const message = hello.subarray(5);
	const halves = [message.subarray(0, 3), message.subarray(3, 60), message.subarray(60)];
	expect(readOpening(Buffer.concat(halves.map(record)))).toMatchObject({ serverName: 'registry.npmjs.org' });
	expect(readOpening(Buffer.concat([...message].map((byte) => record(Buffer.from([byte])))))).toEqual({
		kind: 'unclear',
	});
});

test('a second name, and a name that is encrypted, are noticed', () => {
	const name = Buffer.from('evil.example');
	const list = Buffer.concat([Buffer.from([0, name.length + 3, 0, 0, name.length]), name]);
	expect(readOpening(withExtension(hello, 0, list))).toEqual({ kind: 'unclear' });
	expect(readOpening(withExtension(hello, 0xfe0d, Buffer.alloc(8)))).toMatchObject({ isHidden: true });
	expect(readOpening(withExtension(hello, 0x4567, Buffer.alloc(8)))).toMatchObject({ isHidden: false });
});

test('what is no TLS is plain; what only begins like it is neither', () => {
	expect(readOpening(Buffer.from('GET / HTTP/1.1\r\n'))).toEqual({ kind: 'plain' });
	expect(readOpening(Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0]))).toEqual({ kind: 'unclear' });
	expect(readOpening(record(Buffer.from([1, 0, 0, 2, 3, 3])))).toEqual({ kind: 'unclear' });
	const endless = Buffer.concat([Buffer.from([22, 3, 1, 0xff, 0xff, 1, 0xff, 0xff, 0xff]), Buffer.alloc(40_000)]);
	expect(readOpening(endless)).toEqual({ kind: 'unclear' });
});
