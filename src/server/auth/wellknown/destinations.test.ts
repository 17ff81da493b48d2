import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Resolve } from '../probes/call.ts';
import { connectProvider, type ProvidersDeps } from '../providers.ts';
import { documentFor, type FakeOrganisation, startOrganisation } from '../testing/fakeOrganisation.ts';
import { startFakeProvider } from '../testing/fakeProvider.ts';
import { ADA, ANTHROPIC, BOB, directoryOf, type Fixture, openFixture } from '../testing/fixture.ts';
import { configuredProviders } from './configured.ts';
import { readDocument } from './document.ts';
import { previewOrganisation } from './organisation.ts';

const TOKEN = 'corp-token-K7Qz9xW2mB4v';
let fixture: Fixture;
let corp: FakeOrganisation;
let deps: ProvidersDeps;

beforeEach(async () => {
	fixture = await openFixture();
	corp = await startOrganisation([TOKEN]);
	corp.document = documentFor(corp.baseURL);
	deps = { db: fixture.db, keyring: await fixture.openKeys(), directory: directoryOf(ANTHROPIC) };
});
afterEach(async () => {
	await corp.close();
	await fixture.close();
});

const preview = (more: object = {}) => previewOrganisation(deps, ADA, { url: corp.url, local: true, ...more });

const LITERALS = [
	'127.0.0.1',
	'2130706433',
	'0x7f.1',
	'017700000001',
	'[::1]',
	'[::ffff:127.0.0.1]',
	'10.0.0.1',
	'192.168.1.10',
	'[fd12:3456::1]',
	'localhost',
];
const NEVER = [
	'169.254.169.254',
	'2852039166',
	'[::ffff:a9fe:a9fe]',
	'[fe80::1]',
	'[fd00:ec2::254]',
	'100.100.100.200',
	'0.0.0.0',
	'[::]',
	'[::ffff:0.0.0.0]',
	'metadata.google.internal',
	'metadata',
];

test.each(LITERALS)('an organisation at %s needs the word of an admin', async (host) => {
	for (const url of [`https://${host}`, `http://${host}:${corp.port}`, `${host}:${corp.port}`])
		await expect(preview({ url, local: false })).rejects.toThrow('private address');
	await expect(previewOrganisation(deps, BOB, { url: corp.url, local: true })).rejects.toMatchObject({
		code: 'forbidden',
	});
	await expect(
		connectProvider(deps, BOB, { providerId: 'corp', authType: 'wellknown', url: corp.url, token: TOKEN, local: true }),
	).rejects.toMatchObject({ code: 'forbidden' });
	expect(corp.seen).toEqual([]);
});

test.each(['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost'])(
	'with an admin’s word an organisation at %s is read',
	async (host) => {
		expect((await preview({ url: `http://${host}:${corp.port}` })).providers).toHaveLength(1);
	},
);

test.each(NEVER)('an organisation at %s is never read, nor a base URL there taken', async (host) => {
	for (const local of [true, false])
		await expect(preview({ url: `http://${host}/`, local })).rejects.toThrow('never calls');
	corp.document = documentFor(`http://${host}/v1`);
	expect((await preview()).providers[0]?.unavailable).toContain('never calls');
});

test('a document of a public organisation cannot name private addresses', async () => {
	const document = { url: 'https://corp.example', envName: 'T', command: null, tokenShownAt: null, needsToken: false };
	const config = documentFor('http://10.0.0.1/v1').config;
	const [found] = configuredProviders({ ...document, envName: 'CORP_TOKEN', config }, false, () => undefined);
	expect(found?.unavailable).toContain('private address');
});

test('redirects are not followed, and names that lead elsewhere than they promise are refused', async () => {
	const moved = await startFakeProvider((_request, response) => response.writeHead(302, { location: corp.url }).end());
	await expect(preview({ url: `http://127.0.0.1:${moved.port}` })).rejects.toThrow('follows no redirects');
	await moved.close();
	const leadingTo = (...addresses: string[]) =>
		((_name: string, _options: unknown, done: (error: null, found: object[]) => void) =>
			done(
				null,
				addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
			)) as unknown as Resolve;
	const read = (resolve: Resolve, local = false) =>
		readDocument({ url: `https://rebind.example:${corp.port}`, local, resolve });
	for (const address of ['127.0.0.1', '::1', '10.0.0.1', '169.254.169.254', 'fd00:ec2::254'])
		await expect(read(leadingTo(address))).rejects.toThrow('leads to a refused address');
	await expect(read(leadingTo('169.254.169.254'), true)).rejects.toThrow('leads to a refused address');
	const named = {
		url: `http://corp.lan:${corp.port}`,
		local: true,
		resolve: leadingTo('169.254.169.254', '127.0.0.1'),
	};
	expect((await readDocument(named)).envName).toBe('CORP_TOKEN');
	expect(corp.reads()).toBe(1);
});
