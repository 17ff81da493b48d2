import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import { Agent, buildConnector, errors, request } from 'undici';
import { type DestinationRules, refusalOfAddress } from '../destinations.ts';

export type ProviderRequest = DestinationRules & {
	/** Already through `checkDestination`. */
	url: URL;
	method: 'GET' | 'POST';
	headers: Record<string, string>;
	body?: string | undefined;
	/** For the whole call, in ms. */
	timeoutMs: number;
	signal?: AbortSignal | undefined;
};

export type ProviderReply = {
	kind: 'reply';
	status: number;
	/** Seconds, or a date, as the provider wrote it. */
	retryAfter: string | undefined;
	text: string;
};

/** No usable reply; `message` names what went wrong and where. Only a timeout may go by itself. */
export type ProviderFault = {
	kind: 'fault';
	fault: 'timeout' | 'name' | 'network' | 'tls' | 'refused' | 'redirect' | 'too_large' | 'not_http';
	message: string;
};

/** Resolves names as `dns.lookup` does; tests pass one that lies. */
export type Resolve = typeof systemLookup;

/** Model lists of large catalogues take about one megabyte. */
const MAX_BODY_BYTES = 4_000_000;
const CONNECT_TIMEOUT = 8_000;

/** Calls a provider under the rules for destinations: filtered names, checked sockets, no redirects, bounded size and time. */
export async function callProvider(
	call: ProviderRequest,
	resolve: Resolve = systemLookup,
): Promise<ProviderReply | ProviderFault> {
	const rules = { allowPrivate: call.allowPrivate, plainHttp: call.url.protocol === 'http:' };
	const agent = new Agent({ connect: guardedConnector(rules, resolve), connections: 1, pipelining: 0 });
	const timeout = AbortSignal.timeout(call.timeoutMs);
	try {
		const response = await request(call.url, {
			dispatcher: agent,
			method: call.method,
			headers: { accept: 'application/json', 'user-agent': 'doce', ...call.headers },
			body: call.body ?? null,
			signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
		});
		const location = response.headers.location;
		if (response.statusCode >= 300 && response.statusCode < 400) return redirectFault(call.url, String(location ?? ''));
		const text = await readBody(response.body);
		if (text === undefined) return fault('too_large', `${call.url.host} answered with more than 4 MB.`);
		const retryAfter = response.headers['retry-after'];
		return { kind: 'reply', status: response.statusCode, retryAfter: retryAfter && String(retryAfter), text };
	} catch (error) {
		if (call.signal?.aborted) throw call.signal.reason;
		return faultOf(error, call, timeout.aborted);
	} finally {
		await agent.destroy();
	}
}

/**
 * A connector that filters what a name resolves to and then looks at the address the socket really reached:
 * IP literals never pass through `lookup`, and a name may resolve differently the second time.
 */
export function guardedConnector(
	rules: DestinationRules & { plainHttp: boolean },
	resolve: Resolve = systemLookup,
): buildConnector.connector {
	const connect = buildConnector({ allowH2: false, timeout: CONNECT_TIMEOUT, lookup: filteringLookup(rules, resolve) });
	return (options, callback) => {
		connect(options, (...result) => {
			const [error, socket] = result;
			if (error !== null) return callback(error, null);
			const refusal = refusalOfSocket(socket, rules);
			if (refusal === undefined) return callback(null, socket);
			socket.destroy();
			callback(new RefusedDestination(refusal), null);
		});
	};
}

/**
 * Why somebody else may not call this address, by what its name resolves to now: one refused address is enough, since
 * the other one chooses by itself. Undefined when it may.
 */
export async function refusalOfName(
	url: URL,
	rules: DestinationRules,
	resolve: Resolve = systemLookup,
): Promise<string | undefined> {
	const host = url.hostname.replace(/^\[|\]$/g, '');
	const strict = { ...rules, plainHttp: url.protocol === 'http:' };
	return new Promise((done) => {
		resolve(host, { all: true }, (error, found) => {
			if (error !== null) return done(`The name ${host} could not be resolved (DNS). Check the address.`);
			const isRefused = found.some(({ address }) => refusalOfAddress(address, strict) !== undefined);
			done(
				isRefused ? `${host} leads to an address that is not public. Only a public one can be used here.` : undefined,
			);
		});
	});
}

class RefusedDestination extends Error {
	override readonly name = 'RefusedDestination';
}

function refusalOfSocket(socket: Socket, rules: DestinationRules & { plainHttp: boolean }): string | undefined {
	return socket.remoteAddress === undefined
		? 'The connection was closed at once.'
		: refusalOfAddress(socket.remoteAddress, rules);
}

function filteringLookup(rules: DestinationRules & { plainHttp: boolean }, resolve: Resolve): LookupFunction {
	return (hostname, options, callback) => {
		resolve(hostname, { ...options, all: true }, (error, found) => {
			if (error !== null) return callback(error, '', 0);
			const allowed = found.filter(({ address }) => refusalOfAddress(address, rules) === undefined);
			const first = allowed[0];
			if (first === undefined) {
				const refusal = refusalOfAddress(found[0]?.address ?? '', rules);
				return callback(new RefusedDestination(`${hostname} leads to a refused address. ${refusal}`), '', 0);
			}
			if (options.all) callback(null, allowed);
			else callback(null, first.address, first.family);
		});
	};
}

async function readBody(body: AsyncIterable<Buffer>): Promise<string | undefined> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of body) {
		size += chunk.length;
		if (size > MAX_BODY_BYTES) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}

function redirectFault(from: URL, location: string): ProviderFault {
	const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
	const where = target === undefined || location === '' ? 'elsewhere' : `to ${target.protocol}//${target.host}`;
	return fault(
		'redirect',
		`${from.host} redirects ${where}. doce follows no redirects with a key: if that is right, enter the new address.`,
	);
}

function faultOf(error: unknown, call: ProviderRequest, timedOut: boolean): ProviderFault {
	const host = call.url.host;
	if (error instanceof RefusedDestination) return fault('refused', error.message);
	const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
	if (timedOut || /TIMEOUT|ETIMEDOUT/.test(code)) return fault('timeout', `${host} did not answer in time.`);
	if (code === 'ENOTFOUND')
		return fault('name', `The name ${call.url.hostname} does not exist (DNS). Check the address.`);
	if (code === 'EAI_AGAIN')
		return fault('name', `The name ${call.url.hostname} could not be resolved (DNS): is this server online?`);
	if (code === 'ECONNREFUSED') return fault('network', `Nothing listens at ${host} (connection refused).`);
	if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
		return fault('network', `There is no route to ${host} (${code}).`);
	if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET' || code === 'EPIPE')
		return fault('network', `${host} closed the connection without an answer.`);
	if (error instanceof errors.HTTPParserError)
		return fault('not_http', `${host} answered with something that is not HTTP.`);
	const tls = tlsWords(code);
	if (tls !== undefined) return fault('tls', `No secure connection to ${host}: ${tls}`);
	if (code === '' || code.startsWith('ERR_INVALID') || code.startsWith('UND_ERR_INVALID')) throw error;
	return fault('network', `${host} cannot be reached (${code}).`);
}

function tlsWords(code: string): string | undefined {
	if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired.';
	if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another name.';
	if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT' || code === 'SELF_SIGNED_CERT_IN_CHAIN')
		return 'its certificate is self-signed.';
	if (code.startsWith('UNABLE_TO_')) return 'its certificate comes from an authority this server does not know.';
	if (code === 'EPROTO' || /^(ERR_SSL|ERR_TLS|CERT_)/.test(code))
		return `TLS failed (${code}). Is it an http:// address?`;
	return undefined;
}

function fault(kind: ProviderFault['fault'], message: string): ProviderFault {
	return { kind: 'fault', fault: kind, message };
}
