import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import type { Destination } from '../../runtime.ts';
import { connectTo, findAllowed, parseAuthority } from './destinations.ts';
import { plainAnswer, refusal, wordsOf } from './words.ts';

const IDLE_MS = 30 * 60_000;

/** Answers `CONNECT`, and passes on what follows. */
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
	for (const one of [socket as Socket, other]) one.setTimeout(IDLE_MS, () => one.destroy());
	socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
	other.write(head);
	pipeline(socket, other, () => undefined);
	pipeline(other, socket, () => undefined);
}
