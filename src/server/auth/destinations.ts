import ipaddr from 'ipaddr.js';
import { AppError } from '#server/errors.ts';

export type DestinationRules = {
	/** An admin has said that a private or loopback address is meant. */
	allowPrivate: boolean;
};

type Reach = 'public' | 'private' | 'forbidden';

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

/** Metadata and host services of clouds outside the link-local ranges: AWS, Google, Scaleway (IPv6), Alibaba, Azure, Oracle. */
const METADATA_ADDRESSES = new Set(
	['fd00:ec2::254', 'fd20:ce::254', 'fd00:42::42', '100.100.100.200', '168.63.129.16', '192.0.0.192'].map((address) =>
		ipaddr.parse(address).toNormalizedString(),
	),
);

const PRIVATE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

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

function reachOf(address: string): Reach {
	if (!ipaddr.isValid(address)) return 'forbidden';
	const ip = ipaddr.parse(address.replace(/%.*$/, ''));
	if (METADATA_ADDRESSES.has(ip.toNormalizedString()) || isLocalNat64(ip)) return 'forbidden';
	const inner = ip.kind() === 'ipv6' ? embeddedIPv4(ip as ipaddr.IPv6) : undefined;
	if (inner !== undefined) return reachOf(inner);
	const range = ip.range();
	if (range === 'unicast') return 'public';
	return PRIVATE_RANGES.has(range) ? 'private' : 'forbidden';
}

/** 64:ff9b:1::/48: what it leads to depends on the translator of the network. */
function isLocalNat64(ip: ipaddr.IPv4 | ipaddr.IPv6): boolean {
	return ip.kind() === 'ipv6' && ip.match(ipaddr.parseCIDR('64:ff9b:1::/48'));
}

/** The IPv4 address that an IPv6 one stands for: mapped, translated, NAT64, 6to4, or the old "compatible" form. */
function embeddedIPv4(ip: ipaddr.IPv6): string | undefined {
	const parts = ip.parts;
	const last = dotted(parts[6], parts[7]);
	const range = ip.range();
	if (range === 'ipv4Mapped' || range === 'rfc6145' || range === 'rfc6052') return last;
	if (range === '6to4') return dotted(parts[1], parts[2]);
	const compatible = parts.slice(0, 6).every((part) => part === 0) && (parts[6] !== 0 || (parts[7] ?? 0) > 1);
	return compatible ? last : undefined;
}

function dotted(high = 0, low = 0): string {
	return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
