import type { Socket } from 'node:net';

/** Ends a socket that wanted to be upgraded, all of it: a client that keeps its half open would keep ours. */
export function refuseUpgrade(socket: Socket, status: string): void {
	socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
}
