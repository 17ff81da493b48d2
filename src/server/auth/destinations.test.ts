import { expect, test } from 'vitest';
import { checkDestination, refusalOfAddress } from './destinations.ts';

const check =
	(address: string, allowPrivate = false) =>
	() =>
		checkDestination(address, { allowPrivate });

const LOOPBACK = [
	'127.0.0.1',
	'127.1',
	'2130706433',
	'0x7f.1',
	'0x7f000001',
	'017700000001',
	'127.255.255.254',
	'[::1]',
	'[0:0:0:0:0:0:0:1]',
	'[::ffff:127.0.0.1]',
	'[::ffff:7f00:1]',
	'[::127.0.0.1]',
	'[::ffff:0:127.0.0.1]',
	'[2002:7f00:1::]',
	'[64:ff9b::127.0.0.1]',
	'localhost',
	'LOCALHOST.',
	'app.localhost',
];
const PRIVATE = ['10.0.0.1', '172.16.5.4', '192.168.1.10', '100.64.0.1', '[fd12:3456::1]', '[::ffff:192.168.1.10]'];
const NEVER = [
	'169.254.169.254',
	'169.254.1.1',
	'2852039166',
	'0xa9fea9fe',
	'[::ffff:169.254.169.254]',
	'[::ffff:a9fe:a9fe]',
	'[64:ff9b::a9fe:a9fe]',
	'[64:ff9b:1:a9fe:a9:fe00:808:808]',
	'[fec0::1]',
	'[100::1]',
	'[2002:a9fe:a9fe::]',
	'[::169.254.169.254]',
	'[fe80::1]',
	'[fd00:ec2::254]',
	'[fd20:ce::254]',
	'100.100.100.200',
	'168.63.129.16',
	'192.0.0.192',
	'metadata.google.internal',
	'METADATA.google.internal.',
	'metadata',
	'0.0.0.0',
	'0',
	'[::]',
	'[::ffff:0.0.0.0]',
	'255.255.255.255',
	'224.0.0.1',
	'240.0.0.1',
	'[ff02::1]',
	'[2001:0:1::1]',
	'[2001:db8::1]',
];

test.each([...LOOPBACK, ...PRIVATE])('%s needs the word of an admin', (host) => {
	expect(check(`https://${host}/v1`)).toThrow('private address');
	expect(check(`http://${host}:11434/v1`)).toThrow('private address');
	expect(check(`http://${host}:11434/v1`, true)().pathname).toBe('/v1');
});

test.each(NEVER)('%s is refused, whatever an admin says', (host) => {
	for (const allowPrivate of [false, true]) {
		expect(check(`https://${host}/v1`, allowPrivate)).toThrow(/never calls/);
		expect(check(`http://${host}/v1`, allowPrivate)).toThrow(/never calls/);
	}
});

test('public hosts are called by https alone', () => {
	expect(check('https://api.example.com/v1')().href).toBe('https://api.example.com/v1');
	expect(check('https://1.1.1.1')().hostname).toBe('1.1.1.1');
	expect(check('https://[2606:4700::1111]')().hostname).toBe('[2606:4700::1111]');
	expect(check('http://api.example.com/v1')).toThrow('Use https');
	expect(check('http://1.1.1.1', true)).toThrow('Use https');
	expect(check('http://ollama:11434', true)().port).toBe('11434');
	expect(refusalOfAddress('1.1.1.1', { allowPrivate: true, plainHttp: true })).toContain('Use https');
});

test.each([
	['https://user:pw@api.example.com', 'user name and password'],
	['https://user@api.example.com', 'user name and password'],
	['ftp://api.example.com', 'https://'],
	['file:///etc/passwd', 'web address'],
	['javascript:alert(1)', 'web address'],
	['api.example.com/v1', 'web address'],
	['https://', 'web address'],
	['', 'web address'],
])('"%s" is no address of a provider', (address, words) => {
	expect(check(address)).toThrow(words);
});

test('an address that cannot be read is refused', () => {
	expect(refusalOfAddress('', { allowPrivate: true, plainHttp: false })).toBeDefined();
	expect(refusalOfAddress('fe80::1%eth0', { allowPrivate: true, plainHttp: false })).toContain('never calls');
	expect(refusalOfAddress('::1%lo', { allowPrivate: false, plainHttp: false })).toContain('private');
});
