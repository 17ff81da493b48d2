import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key and a certificate, in PEM, that vouches for itself and is good for `names`. */
export function selfSigned(names: string[]): { key: string; cert: string } {
	const pair = generateKeyPairSync('ec', {
		namedCurve: 'P-256',
		publicKeyEncoding: { type: 'spki', format: 'der' },
		privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
	});
	const body = toBeSigned(names, pair.publicKey);
	const signature = sign('sha256', body, createPrivateKey(pair.privateKey));
	const der = sequence(body, ECDSA_SHA256, bits(signature));
	const lines = der
		.toString('base64')
		.match(/.{1,64}/g)
		?.join('\n');
	return { key: pair.privateKey, cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` };
}

function toBeSigned(names: string[], publicKey: Buffer): Buffer {
	const name = sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from('doce test')))));
	const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
	const validity = sequence(time(-86_400_000), time(365 * 86_400_000));
	const alternatives = sequence(...names.map((each) => tlv(0x82, Buffer.from(each))));
	const authority = sequence(oid('551d13'), tlv(0x04, sequence(tlv(0x01, Buffer.from([0xff])))));
	const extensions = tlv(0xa3, sequence(sequence(oid('551d11'), tlv(0x04, alternatives)), authority));
	const version = tlv(0xa0, tlv(0x02, Buffer.from([2])));
	return sequence(version, tlv(0x02, serial), ECDSA_SHA256, name, validity, name, publicKey, extensions);
}

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));

function time(fromNow: number): Buffer {
	const text = new Date(Date.now() + fromNow).toISOString().replace(/[-:T]|\.\d+/g, '');
	return tlv(0x18, Buffer.from(text));
}

function oid(hex: string): Buffer {
	return tlv(0x06, Buffer.from(hex, 'hex'));
}

function bits(content: Buffer): Buffer {
	return tlv(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function sequence(...parts: Buffer[]): Buffer {
	return tlv(0x30, Buffer.concat(parts));
}

function tlv(tag: number, content: Buffer): Buffer {
	const { length } = content;
	const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
	return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
