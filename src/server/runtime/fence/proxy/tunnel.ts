import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import type { Destination } from '../../runtime.ts';
import { connectTo, findAllowed, parseAuthority } from './destinations.ts';
import { type Opening, readOpening } from './hello.ts';
import { plainAnswer, refusal, wordsOf } from './words.ts';

const IDLE_MS = 30 * 60_000;
/** How long a client may take until it has said whom it means. */
const OPENING_MS = 60_000;
/** TLS for: fatal, unrecognized_name. */
const UNRECOGNIZED_NAME = Buffer.from([21, 3, 1, 0, 2, 2, 112]);

/** Answers `CONNECT`, and passes on what follows if it is for the very host that was asked for. */
export async function tunnel(
	{ url = '' }: IncomingMessage,
	socket: Duplex,
	head: Buffer,
	allowed: readonly Destination[],
): Promise<void> {
	socket.on('error', () => socket.destroy());
	const wished = parseAuthority(url);
	const destination = wished && findAllowed(wished, allowed);
	if (destination === undefined) return void socket.end(plainAnswer('403 Forbidden', refusal(url)));
	let other: Socket;
	try {
		other = await connectTo(destination);
	} catch (error) {
		return void socket.end(plainAnswer('502 Bad Gateway', `${url} could not be reached: ${wordsOf(error)}.`));
	}
	const giveUp = () => other.destroy();
	socket.once('close', giveUp);
	other.on('error', () => socket.destroy());
	for (const one of [socket as Socket, other]) one.setTimeout(IDLE_MS, () => one.destroy());
	socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
	const first = await readFirst(socket, head);
	const opening = readOpening(first);
	if (!isFor(destination, opening)) {
		other.destroy();
		return void socket.end(opening.kind === 'plain' ? plainAnswer('403 Forbidden', refusal(url)) : UNRECOGNIZED_NAME);
	}
	socket.off('close', giveUp);
	other.write(first);
	pipeline(socket, other, () => undefined);
	pipeline(other, socket, () => undefined);
}

/**
 * Whether the client means this host. An address of a host on the list often serves many others as well, and what TLS
 * names decides between them. Only within the own network goes anything but TLS through a tunnel.
 */
function isFor({ host, local }: Destination, opening: Opening): boolean {
	if (opening.kind !== 'tls') return opening.kind === 'plain' && local;
	if (opening.isHidden) return false;
	return opening.serverName === host || (opening.serverName === undefined && isIP(host) > 0);
}

/** What the client sends until that tells whom it means, or until it ends. */
function readFirst(socket: Duplex, head: Buffer): Promise<Buffer> {
	let read = head;
	return new Promise((resolve) => {
		const timer = setTimeout(() => socket.destroy(), OPENING_MS);
		function done(): void {
			clearTimeout(timer);
			socket.pause().off('data', take).off('end', done).off('close', done);
			resolve(read);
		}
		function take(part: Buffer): void {
			read = Buffer.concat([read, part]);
			if (read.length > 0 && readOpening(read).kind !== 'partial') done();
		}
		socket.on('data', take).on('end', done).on('close', done);
		take(Buffer.alloc(0));
	});
}
