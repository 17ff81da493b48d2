import ipaddr from 'ipaddr.js';
import { reachOf } from '#server/addresses.ts';
import { AppError } from '#server/errors.ts';

export type DestinationRules = {
	/** An admin has said that a private or loopback address is meant. */
	allowPrivate: boolean;
};

/** Names under which clouds hand out credentials to whoever asks from inside. */
const METADATA_NAMES = new Set([
	'metadata',
	'metadata.google.internal',
	'metadata.goog',
	'instance-data',
	'instance-data.ec2.internal',
	'metadata.azure.internal',
	'metadata.tencentyun.com',
]);

/**
 * Checks an address that a person gave, before any name is resolved. Returns it parsed and normalised (so that
 * 2130706433 and 0x7f.1 are seen as what they are). Throws `AppError('invalid')` with what is wrong.
 */
export function checkDestination(address: string, rules: DestinationRules): URL {
	const url = URL.canParse(address) ? new URL(address) : undefined;
	if (url === undefined || url.hostname === '') {
		throw new AppError('invalid', 'That is not a web address. It looks like https://api.example.com/v1.');
	}
	if (url.protocol !== 'https:' && url.protocol !== 'http:') {
		throw new AppError('invalid', 'The address has to start with https:// (or http:// for a local server).');
	}
	if (url.username !== '' || url.password !== '') {
		throw new AppError('invalid', 'Leave user name and password out of the address. Give the key in its own field.');
	}
	const problem = problemOfHost(url, rules);
	if (problem !== undefined) throw new AppError('invalid', problem);
	return url;
}

/** Why a connection to this IP address is refused; undefined when it is allowed. Plain http goes to private addresses only. */
export function refusalOfAddress(
	address: string,
	rules: DestinationRules & { plainHttp: boolean },
): string | undefined {
	const reach = reachOf(address);
	if (reach === 'forbidden')
		return `${address} is an address that doce never calls (cloud metadata, link-local or reserved).`;
	if (reach === 'private' && !rules.allowPrivate) {
		return `${address} is a private address. An admin can allow it by marking the endpoint as a local server.`;
	}
	if (reach === 'public' && rules.plainHttp)
		return `${address} is a public address, and plain http would show the key to the network. Use https.`;
	return undefined;
}

/** True when an address, as written, leads to a private or loopback host. */
export function isPrivateAddress(url: URL): boolean {
	const host = hostOf(url);
	return ipaddr.isValid(host) ? reachOf(host) === 'private' : isLocalName(host);
}

function problemOfHost(url: URL, rules: DestinationRules): string | undefined {
	const host = hostOf(url);
	const plainHttp = url.protocol === 'http:';
	if (METADATA_NAMES.has(host)) return `${host} is a cloud metadata service, which doce never calls.`;
	if (ipaddr.isValid(host)) return refusalOfAddress(host, { ...rules, plainHttp });
	if (isLocalName(host) && !rules.allowPrivate)
		return refusalOfAddress('127.0.0.1', { ...rules, plainHttp })?.replace('127.0.0.1', host);
	if (plainHttp && !rules.allowPrivate) return 'Plain http would show the key to the network. Use https.';
	return undefined;
}

/** Lower case by WHATWG; without the brackets of IPv6 and the dot that ends a full name. */
function hostOf(url: URL): string {
	return url.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
}

function isLocalName(host: string): boolean {
	return host === 'localhost' || host.endsWith('.localhost');
}
