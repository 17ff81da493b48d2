import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export type Certificate = { key: string; cert: string };

const DAY = 86_400_000;

/** A certificate that vouches for itself and for `names`, which may begin with `*.`: for TLS on the loopback. */
export function selfSigned(names: string[]): Certificate {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const body = toBeSigned(names, publicKey);
	const certificate = sequence(body, ECDSA_SHA256, bitString(sign('sha256', body, privateKey)));
	const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
		cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
	};
}

/** RFC 5280, section 4.1: version 3, issued by itself. */
function toBeSigned(names: string[], publicKey: KeyObject): Buffer {
	const name = sequence(der(0x31, sequence(oid(2, 5, 4, 3), der(0x0c, Buffer.from('doce test')))));
	const now = Date.now();
	return sequence(
		der(0xa0, integer(2)),
		integer(now),
		ECDSA_SHA256,
		name,
		sequence(time(now - DAY), time(now + DAY)),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		der(0xa3, sequence(alternativeNames(names), authority())),
	);
}

function alternativeNames(names: string[]): Buffer {
	const list = sequence(...names.map((name) => der(0x82, Buffer.from(name))));
	return sequence(oid(2, 5, 29, 17), der(0x04, list));
}

function authority(): Buffer {
	const isAuthority = sequence(der(0x01, Buffer.from([0xff])));
	return sequence(oid(2, 5, 29, 19), der(0x01, Buffer.from([0xff])), der(0x04, isAuthority));
}

function der(tag: number, ...parts: Buffer[]): Buffer {
	const body = Buffer.concat(parts);
	if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
	const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex');
	return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

function sequence(...parts: Buffer[]): Buffer {
	return der(0x30, ...parts);
}

function integer(value: number): Buffer {
	const hex = value.toString(16);
	// An even number of digits, and a leading zero, so that it is never negative.
	return der(0x02, Buffer.from(`00${hex.length % 2 === 0 ? hex : `0${hex}`}`.replace(/^00(?=[0-7])/, ''), 'hex'));
}

function oid(first: number, second: number, ...rest: number[]): Buffer {
	const base128 = (value: number): number[] =>
		value < 128 ? [value] : [...base128(value >> 7).map((byte) => byte | 0x80), value & 0x7f];
	return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function bitString(bytes: Buffer): Buffer {
	return der(0x03, Buffer.from([0]), bytes);
}

function time(at: number): Buffer {
	const text = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
	return der(0x18, Buffer.from(text));
}

/** 1.2.840.10045.4.3.2 */
const ECDSA_SHA256 = sequence(oid(1, 2, 840, 10045, 4, 3, 2));
