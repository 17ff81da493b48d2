import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { reachOf } from '#server/addresses.ts';
import type { Destination } from '../../runtime.ts';
import { connectThrough, upstreamOf } from './upstream.ts';

const CONNECT_TIMEOUT_MS = 15_000;

/** The wished-for destination as `host:port`, in lower case and without brackets; undefined for anything else. */
export function parseAuthority(authority: string): { host: string; port: number } | undefined {
	const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+)):(\d{1,5})$/i.exec(authority) ?? [];
	const host = (bracketed ?? plain)?.toLowerCase();
	return host === undefined ? undefined : { host, port: Number(port) };
}

/** The entry of the list that allows it, word for word. */
export function findAllowed(
	wished: { host: string; port: number },
	allowed: readonly Destination[],
): Destination | undefined {
	return allowed.find(({ host, port }) => host === wished.host && port === wished.port);
}

/** Whether it means the machine that it is said on, which inside a fence is another one. */
export function isOwnMachine({ host, local }: Destination): boolean {
	return local && (host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host));
}

/**
 * Connects to an address that the destination may have: names are looked up here, once, and what they lead to is
 * judged. Throws when there is none, or none answers. Where this machine has to use a proxy, that one looks them up.
 */
export async function connectTo(destination: Destination): Promise<Socket> {
	const { host, port, local } = destination;
	const upstream = upstreamOf(destination);
	if (upstream !== undefined) return connectThrough(upstream, destination);
	const found = isIP(host) > 0 ? [host] : (await lookup(host, { all: true })).map(({ address }) => address);
	const fitting = found.filter((address) => isFitting(address, local));
	if (fitting.length === 0) throw new Error(`${host} leads to no address that is allowed`);
	let failure: unknown;
	for (const address of fitting) {
		try {
			return await open(address, port);
		} catch (error) {
			failure = error;
		}
	}
	throw failure;
}

function isFitting(address: string, local: boolean): boolean {
	const reach = reachOf(address);
	return reach === 'public' || (reach === 'private' && local);
}

function open(host: string, port: number): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const socket = connect({ host, port, allowHalfOpen: true, timeout: CONNECT_TIMEOUT_MS });
		socket.once('timeout', () => socket.destroy(new Error(`${host} did not answer`)));
		socket.once('error', reject);
		socket.once('connect', () => {
			socket.setTimeout(0);
			socket.off('error', reject).removeAllListeners('timeout');
			resolve(socket);
		});
	});
}
