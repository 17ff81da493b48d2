/** How a client begins what it sends through a tunnel, as far as its first bytes tell. */
export type Opening =
	| { kind: 'partial' }
	| { kind: 'plain' }
	/** It looks like TLS, and what it means could be read in one way here and in another there. */
	| { kind: 'unclear' }
	/** `isHidden`: the name of the host that it really means may be encrypted (ECH). */
	| { kind: 'tls'; serverName: string | undefined; isHidden: boolean };

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
/** Encrypted Client Hello, and the draft before it. */
const HIDING = [0xfe0d, 0xffce];
/** More than any client's first message has. */
const MOST_BYTES = 32 * 1024;
const MOST_RECORDS = 8;

/** Reads the host that a TLS client names (RFC 8446 4.1.2, RFC 6066 3), which decides where a shared address leads. */
export function readOpening(bytes: Buffer): Opening {
	if (bytes.length > 0 && bytes[0] !== HANDSHAKE_RECORD) return { kind: 'plain' };
	const message = helloOf(bytes);
	if (message === 'partial') return { kind: bytes.length > MOST_BYTES ? 'unclear' : 'partial' };
	if (message === 'unclear') return { kind: 'unclear' };
	try {
		const hello = readerOf(message);
		hello.skip(2 + 32);
		for (const lengthBytes of [1, 2, 1]) hello.skip(hello.number(lengthBytes));
		return readExtensions(readerOf(hello.take(hello.number(2))));
	} catch (error) {
		if (error instanceof RangeError) return { kind: 'unclear' };
		throw error;
	}
}

/** The first message without its header, put together from its records. */
function helloOf(bytes: Buffer): Buffer | 'partial' | 'unclear' {
	let message = Buffer.alloc(0);
	let at = 0;
	for (let records = 0; records < MOST_RECORDS; records++) {
		if (bytes.length > at && bytes[at] !== HANDSHAKE_RECORD) return 'unclear';
		if (bytes.length < at + 5) return 'partial';
		const next = at + 5 + bytes.readUInt16BE(at + 3);
		message = Buffer.concat([message, bytes.subarray(at + 5, next)]);
		if (message.length > 0 && message[0] !== CLIENT_HELLO) return 'unclear';
		const end = message.length < 4 ? Infinity : 4 + message.readUIntBE(1, 3);
		if (message.length >= end) return message.subarray(4, end);
		if (bytes.length < next) return 'partial';
		at = next;
	}
	return 'unclear';
}

function readExtensions(extensions: Reader): Opening {
	const found = new Map<number, Buffer>();
	while (extensions.left() > 0) {
		const type = extensions.number(2);
		// Said twice it could be read as the one here, and as the other there.
		if (found.has(type)) return { kind: 'unclear' };
		found.set(type, extensions.take(extensions.number(2)));
	}
	const names = found.get(SERVER_NAME);
	const serverName = names === undefined ? undefined : readName(readerOf(names));
	return { kind: 'tls', serverName, isHidden: HIDING.some((type) => found.has(type)) };
}

/** There may be one name of each kind, and there is one kind. */
function readName(extension: Reader): string {
	const list = readerOf(extension.take(extension.number(2)));
	if (list.number(1) !== HOST_NAME) throw new RangeError('An unknown kind of name');
	const name = list.take(list.number(2)).toString('latin1').toLowerCase();
	if (list.left() > 0 || extension.left() > 0) throw new RangeError('More than one name');
	return name;
}

type Reader = ReturnType<typeof readerOf>;

/** Throws `RangeError` beyond the end. */
function readerOf(bytes: Buffer) {
	let at = 0;
	function take(length: number): Buffer {
		if (at + length > bytes.length) throw new RangeError('Cut short');
		at += length;
		return bytes.subarray(at - length, at);
	}
	return {
		take,
		skip: (length: number) => void take(length),
		number: (length: number) => take(length).readUIntBE(0, length),
		left: () => bytes.length - at,
	};
}
