import ipaddr from 'ipaddr.js';

/** Where an IP address leads: the internet, a network of its owner's, or where doce never connects. */
export type Reach = 'public' | 'private' | 'forbidden';

/** Metadata and host services of clouds outside the link-local ranges: AWS, Google, Scaleway (IPv6), Alibaba, Azure, Oracle. */
const METADATA_ADDRESSES = new Set(
	['fd00:ec2::254', 'fd20:ce::254', 'fd00:42::42', '100.100.100.200', '168.63.129.16', '192.0.0.192'].map((address) =>
		ipaddr.parse(address).toNormalizedString(),
	),
);

const PRIVATE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

/** Cloud metadata, link-local and reserved addresses are forbidden, and so is what is no IP address. */
export function reachOf(address: string): Reach {
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
