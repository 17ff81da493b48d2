import { afterEach, beforeEach, expect, test } from 'vitest';
import {
	connectSignIn,
	FAKE_ID,
	FAKE_NAME,
	openSignIns,
	type SignInsUnderTest,
} from '../../../../test/harness/signIns.ts';
import { type ConnectionRow, findConnection } from '../connections.ts';
import type { ProbeTarget } from '../probes/targets.ts';
import { disconnectProvider } from '../providers.ts';
import { ADA } from '../testing/fixture.ts';
import { confirmRefusal } from './refusal.ts';
import { testSignIn } from './testSignIn.ts';

let signIns: SignInsUnderTest;
let row: ConnectionRow;

beforeEach(async () => {
	signIns = await openSignIns();
	await signIns.worker.stop();
	row = await connectSignIn(signIns, ADA);
});
afterEach(() => signIns?.close());

const confirm = (used = row) => confirmRefusal({ db: signIns.fixture.db, refresher: signIns.refresher }, used);
const now = () => findConnection(signIns.fixture.db, row.id);
const set = (values: Partial<ConnectionRow>) =>
	signIns.fixture.db.updateTable('provider_connections').set(values).where('id', '=', row.id).execute();
const takeTest = () => {
	const { fixture, keyring, refresher } = signIns;
	const target = { providerId: FAKE_ID, providerName: FAKE_NAME } as ProbeTarget;
	return testSignIn({ db: fixture.db, keyring, refresher }, row, target);
};

test('projects that are refused at once with the same token cause one renewal, and none expires it', async () => {
	const asked = [signIns.refresher.renew(row.id), ...Array.from({ length: 5 }, () => confirm())];
	expect(await Promise.all(asked)).toEqual([{ kind: 'renewed' }, ...Array.from({ length: 5 }, () => 'renewed')]);
	expect(signIns.oauth.refreshes()).toBe(1);
	expect(await now()).toMatchObject({ status: 'connected', version: 1 });
});

test('one that is refused late, with a token that has been renewed since, has only to send again', async () => {
	await signIns.refresher.renew(row.id, { early: true });
	expect(await confirm()).toBe('renewed');
	expect(signIns.oauth.requests).toHaveLength(1);
	expect(await now()).toMatchObject({ status: 'connected' });
});

test('a sign-in has ended when the provider does not renew it either, and it is asked once', async () => {
	signIns.oauth.revoke();
	expect([await confirm(), await confirm()]).toEqual(['ended', 'ended']);
	expect(signIns.oauth.requests).toHaveLength(1);
	expect(await now()).toMatchObject({ status: 'expired', reason: 'sign_in_expired' });
});

test('a provider that cannot be asked leaves it open', async () => {
	signIns.oauth.setTrouble(503);
	expect(await confirm()).toBe('trouble');
	expect(await now()).toMatchObject({ status: 'connected' });
});

test('of a sign-in that was replaced, or is gone, nothing is asked', async () => {
	const again = await connectSignIn(signIns, ADA);
	expect([again.id, await confirm()]).toEqual([row.id, 'renewed']);
	await disconnectProvider({ db: signIns.fixture.db }, ADA, row.id);
	expect(await confirm(again)).toBe('renewed');
	expect(signIns.oauth.requests).toEqual([]);
});

test('a token that nobody renews has ended when it is refused', async () => {
	await set({ provider_id: 'github-copilot' });
	expect(await confirm({ ...row, provider_id: 'github-copilot' })).toBe('ended');
	expect(signIns.oauth.requests).toEqual([]);
});

test('a test of one that was taken for expired renews it, and so cures it', async () => {
	await set({
		status: 'expired',
		reason: 'sign_in_expired',
		error_message: 'Loopback Cloud does not take it any more.',
	});
	row = (await now()) ?? row;
	expect(await takeTest()).toMatchObject({ ok: true, message: 'Loopback Cloud renewed the sign-in.' });
	expect(await now()).toMatchObject({ status: 'connected', reason: null, error_message: null });
	signIns.oauth.revoke();
	expect(await takeTest()).toMatchObject({ ok: false, status: 'expired', reason: 'sign_in_expired' });
});
