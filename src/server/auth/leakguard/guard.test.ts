import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Keyring } from '../keys/keyring.ts';
import { connectProvider, disconnectProvider, type ProvidersDeps, updateConnection } from '../providers.ts';
import { ADA, ANTHROPIC, BOB, directoryOf, type Fixture, openFixture } from '../testing/fixture.ts';
import { createLeakGuard, type LeakGuard } from './guard.ts';

const KEY = 'sk-first-Zq8vT3nX5wLr2KpY';
const NEXT = 'sk-second-9XbN4mQw7RtS1dFg';
const HEADER = 'tenant-secret-Hy6Tg5Rf4De3';
let fixture: Fixture;
let keyring: Keyring;
let deps: ProvidersDeps;
let guard: LeakGuard;

beforeEach(async () => {
	fixture = await openFixture();
	keyring = await fixture.openKeys();
	deps = { db: fixture.db, keyring, directory: directoryOf(ANTHROPIC) };
	guard = createLeakGuard({ db: fixture.db, keyring });
});

afterEach(() => fixture.close());

const connect = (apiKey: string, person = ADA, more = {}) =>
	connectProvider(deps, person, { providerId: 'anthropic', authType: 'api', apiKey, skipTest: true, ...more });
const scrub = async (text: string, userId = ADA.id) => (await guard.scrubberFor(userId)).scrub(text);

test('knows a key from the moment it is connected, and its successor', async () => {
	expect(await scrub(KEY)).toBe(KEY);
	const { id } = await connect(KEY);
	expect(await scrub(`it is ${KEY}`)).toMatch(/^it is \S*\[key\]$/);
	await updateConnection(deps, ADA, { connectionId: id, apiKey: NEXT, skipTest: true });
	expect(await scrub(NEXT)).toMatch(/\[key\]/);
	await disconnectProvider(deps, ADA, id);
	expect(await scrub('nothing is left')).toBe('nothing is left');
});

test('nobody can try which pieces another’s keys have', async () => {
	await connect(KEY);
	expect(await scrub(KEY, BOB.id)).toBe(KEY);
	await connect(NEXT, BOB);
	expect(await scrub(NEXT, BOB.id)).toMatch(/\[key\]/);
	expect(await scrub(NEXT, ADA.id)).toBe(NEXT);
});

test('headers that prove who one is are known, too, and others are not', async () => {
	const headers = { 'x-tenant-token': HEADER, accept: 'application/json-and-more' };
	const custom = { name: 'Own', baseURL: 'https://llm.example/v1', models: [{ id: 'm' }], headers };
	await connect(KEY, ADA, { providerId: 'own', custom });
	expect(await scrub(`${HEADER} application/json-and-more`)).toMatch(/^\w{0,3}\[key\] application\/json-and-more$/);
});

test('is made anew only when something has changed', async () => {
	await connect(KEY);
	const before = await guard.scrubberFor(ADA.id);
	expect(await guard.scrubberFor(ADA.id)).toBe(before);
	await connect(NEXT, ADA, { label: 'Home' });
	expect(await guard.scrubberFor(ADA.id)).not.toBe(before);
});

test('with a locked keyring it knows nothing, and stands in nobody’s way', async () => {
	await connect(KEY);
	const locked = await fixture.openKeys({ file: `${fixture.dir}/keys/another.key` });
	guard = createLeakGuard({ db: fixture.db, keyring: locked });
	expect(await scrub('a text')).toBe('a text');
});
