import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { Destination } from '../../runtime.ts';
import { nameOf } from './state.ts';

const CONNECT_TIMEOUT_MS = 15_000;
/** What the proxy takes over from doce's environment. */
export const UPSTREAM_NAMES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];

type Environment = Record<string, string | undefined>;

/** The proxy that this machine itself has to use for a public destination, if it has one. */
export function upstreamOf({ host, local }: Destination, env: Environment = process.env): URL | undefined {
	const first = (...names: string[]) => names.map((name) => env[name]).find(Boolean);
	const given = first('HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy');
	if (local || given === undefined || !URL.canParse(given)) return undefined;
	const except = (first('NO_PROXY', 'no_proxy') ?? '').split(',').map((name) => name.trim().replace(/^\*?\./, ''));
	const isExcepted = except.some(
		(name) => name === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`))),
	);
	const url = new URL(given);
	return isExcepted || url.protocol !== 'http:' ? undefined : url;
}

/** A connection to the destination by way of that proxy, which looks the name up itself. */
export function connectThrough(upstream: URL, destination: Destination): Promise<Socket> {
	const { hostname: host, port, username, password } = upstream;
	const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
	const headers = username === '' ? {} : { 'proxy-authorization': `Basic ${login}` };
	return new Promise((resolve, reject) => {
		const path = nameOf(destination);
		const call = request({ host, port: port || 80, method: 'CONNECT', path, headers, timeout: CONNECT_TIMEOUT_MS });
		call.once('connect', (answer, socket) => {
			if (answer.statusCode === 200) return resolve(socket as Socket);
			socket.destroy();
			reject(new Error(`The proxy of this machine answered ${answer.statusCode}`));
		});
		call.once('response', (answer) => reject(new Error(`The proxy of this machine answered ${answer.statusCode}`)));
		call.once('timeout', () => call.destroy(new Error('The proxy of this machine did not answer')));
		call.once('error', reject).end();
	});
}
