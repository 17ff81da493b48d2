import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '#server/logger.ts';
import { Secret } from '#server/secret.ts';
import { fakeRecipe } from '../../../../test/fakes/oauth/fakeOAuth.ts';
import { descendants, isRunning, until } from '../../../../test/harness/doce.ts';
import { connectSignIn, FAKE_ID, openSignIns, type SignInsUnderTest } from '../../../../test/harness/signIns.ts';
import { encodings, findInProcesses } from '../../../../test/harness/sweep.ts';
import { workerId } from '../../queue/workerId.ts';
import { type ConnectionRow, findConnection, openSignIn } from '../connections.ts';
import { rotateDataKey } from '../keys/rotation.ts';
import { disconnectProvider } from '../providers.ts';
import { ADA } from '../testing/fixture.ts';
import { createRefresher, ensureFreshAccess } from './refresher.ts';
import { scheduleRenewals } from './schedule.ts';

let signIns: SignInsUnderTest;
let row: ConnectionRow;

beforeEach(async () => {
	signIns = await openSignIns();
	await signIns.worker.stop();
	row = await connectSignIn(signIns, ADA);
});
afterEach(() => signIns?.close());

const now = async () => {
	const found = await findConnection(signIns.fixture.db, row.id);
	if (found === undefined) throw new Error('The connection is gone.');
	return found;
};
const set = (values: Partial<ConnectionRow>) =>
	signIns.fixture.db.updateTable('provider_connections').set(values).where('id', '=', row.id).execute();
const makeDue = () => set({ oauth_renew_at: Date.now() - 1 });
const tokens = async () => {
	const { access, refresh } = await openSignIn(signIns.fixture.db, signIns.keyring, await now());
	return [access.reveal(), refresh?.reveal() ?? ''];
};
const another = (
	keys = { masterKeyFile: signIns.fixture.keyFile } as Parameters<typeof createRefresher>[0]['keys'],
) => {
	const { fixture, oauth } = signIns;
	const recipes = { [FAKE_ID]: fakeRecipe(oauth) };
	return createRefresher({ db: fixture.db, logger: createLogger('silent'), dataDir: fixture.dir, keys, recipes });
};
const jobs = async (type: 'oauth.push' | 'oauth.refresh' | 'connection.recheck' | 'credentials.changed') =>
	signIns.fixture.db.selectFrom('jobs').selectAll().where('type', '=', type).orderBy('id').execute();

test('a sign-in is renewed half its life before its end, or ten minutes', async () => {
	const [job] = await jobs('oauth.refresh');
	const end = row.oauth_expires_at ?? 0;
	expect([job?.run_at, row.oauth_renew_at].map((at) => Math.round((end - (at ?? 0)) / 60_000))).toEqual([10, 10]);
	await scheduleRenewals(signIns.fixture.db);
	expect(await jobs('oauth.refresh')).toHaveLength(1);
	signIns.oauth.setLife(60);
	expect(await signIns.refresher.renew(row.id, { early: true })).toEqual({ kind: 'renewed' });
	const { oauth_expires_at: expires, oauth_renew_at: renew } = await now();
	expect(Math.round(((expires ?? 0) - (renew ?? 0)) / 1000)).toBe(30);
});

test('whoever asks at once, in several servers, causes one request, and everybody has the new tokens', async () => {
	await makeDue();
	const before = await tokens();
	const servers = [signIns.refresher, another(), another()];
	const asked = servers.flatMap((refresher) => Array.from({ length: 4 }, () => refresher.renew(row.id)));
	expect(new Set((await Promise.all(asked)).map(({ kind }) => kind))).toEqual(new Set(['renewed']));
	expect(signIns.oauth.requests).toEqual([{ grant: 'refresh_token', ok: true, reused: false }]);
	const after = await now();
	expect(after).toMatchObject({ version: 1, status: 'connected', oauth_claim: null });
	const fresh = await tokens();
	expect(fresh.filter((token) => before.includes(token))).toEqual([]);
	const [push] = await jobs('oauth.push');
	expect(JSON.parse(push?.payload ?? '')).toEqual({ connectionId: row.id, since: expect.any(Number) });
	const times = [row.oauth_renew_at, after.oauth_renew_at];
	expect((await jobs('oauth.refresh')).map((job) => job.dedupe_key)).toEqual(
		times.map((at) => `oauth.refresh:${row.id}:${at}`),
	);
});

test('one that is not due is left alone', async () => {
	expect(await signIns.refresher.renew(row.id)).toEqual({ kind: 'renewed' });
	expect(await ensureFreshAccess({ db: signIns.fixture.db, refresher: signIns.refresher }, row)).toBe(row);
	expect(signIns.oauth.requests).toEqual([]);
});

test('one that the provider ended is expired, in words, and not asked for again', async () => {
	await makeDue();
	signIns.oauth.revoke();
	expect(await signIns.refresher.renew(row.id)).toEqual({ kind: 'ended' });
	expect(await now()).toMatchObject({
		status: 'expired',
		reason: 'sign_in_expired',
		error_message: 'The provider ended this sign-in. Sign in again.',
		oauth_claim: null,
	});
	expect(await signIns.refresher.renew(row.id, { early: true })).toEqual({ kind: 'ended' });
	expect(signIns.oauth.requests).toHaveLength(1);
});

describe('trouble at the provider', () => {
	test.each([503, 500, 429, 404])(
		'with status %i expires nothing, is told once the token is over, and passes',
		async (status) => {
			await makeDue();
			signIns.oauth.setTrouble(status);
			const deps = { db: signIns.fixture.db, refresher: signIns.refresher };
			expect(await signIns.refresher.renew(row.id)).toMatchObject({
				kind: 'trouble',
				message: expect.stringContaining(`(${status})`),
			});
			expect((await ensureFreshAccess(deps, await now()))?.id).toBe(row.id);
			await set({ oauth_expires_at: Date.now() - 1 });
			const message = expect.stringContaining(`(${status})`);
			const unreachable = { id: row.id, status: 'error', reason: 'unreachable', error_message: message };
			expect(await ensureFreshAccess(deps, await now())).toMatchObject(unreachable);
			expect(await now()).toMatchObject(unreachable);
			expect(await jobs('connection.recheck')).toHaveLength(1);
			signIns.oauth.setTrouble(undefined);
			const before = await tokens();
			expect(await ensureFreshAccess(deps, await now())).toMatchObject({ status: 'connected', reason: null });
			expect(await tokens()).not.toEqual(before);
			expect(await jobs('credentials.changed')).toHaveLength(2);
		},
	);

	test('that is a refusal in other words is an end only at the third try in a row', async () => {
		signIns.oauth.setTrouble(401, 'invalid_client');
		const ask = () => signIns.refresher.renew(row.id, { early: true });
		expect([(await ask()).kind, (await ask()).kind]).toEqual(['trouble', 'trouble']);
		expect(await now()).toMatchObject({ status: 'connected', oauth_refusals: 2 });
		signIns.oauth.setTrouble(undefined);
		expect(await ask()).toEqual({ kind: 'renewed' });
		expect(await now()).toMatchObject({ status: 'connected', oauth_refusals: 0 });

		signIns.oauth.setTrouble(401, 'unauthorized');
		const servers = [signIns.refresher, another(), another()];
		const kinds = [];
		for (const server of servers) kinds.push((await server.renew(row.id, { early: true })).kind);
		expect(kinds).toEqual(['trouble', 'trouble', 'ended']);
		expect(await now()).toMatchObject({ status: 'expired', reason: 'sign_in_expired', oauth_renew_at: null });
		expect((await now()).error_message).toMatch(/did not renew the sign-in \(401\)\. Sign in again\.$/);
		// It was the provider's fault: whoever asks again finds out.
		signIns.oauth.setTrouble(undefined);
		expect(await ask()).toEqual({ kind: 'renewed' });
		expect(await now()).toMatchObject({ status: 'connected', reason: null, oauth_refusals: 0 });
	});

	test('that refuses is not asked by every use while the token serves', async () => {
		await makeDue();
		const held = signIns.oauth.hold();
		held.release();
		signIns.oauth.setTrouble(404);
		const deps = { db: signIns.fixture.db, refresher: signIns.refresher };
		for (let use = 0; use < 4; use++) expect((await ensureFreshAccess(deps, await now()))?.status).toBe('connected');
		expect(held.asked()).toBe(1);
	});

	test('without a connection names the fault', async () => {
		await makeDue();
		await signIns.oauth.close();
		const message = expect.stringContaining('Nothing listens at 127.0.0.1');
		expect(await signIns.refresher.renew(row.id)).toEqual({ kind: 'trouble', message });
		expect((await now()).status).toBe('connected');
	});
});

describe('killed with -9 in the middle of it,', () => {
	let server: ChildProcess | undefined;
	afterEach(() => server?.kill('SIGKILL'));

	async function startRenewing() {
		const { fixture, oauth } = signIns;
		const held = oauth.hold();
		const told = {
			dataDir: fixture.dir,
			masterKeyFile: fixture.keyFile,
			connectionId: row.id,
			recipes: { [FAKE_ID]: fakeRecipe(oauth) },
		};
		server = spawn(process.execPath, ['test/renewer.ts', JSON.stringify(told)], { stdio: 'ignore' });
		await until(() => held.asked() === 1);
		return { held, pid: server.pid ?? 0 };
	}

	test('a server loses no token and asks for none twice', async () => {
		const before = await tokens();
		const { held, pid } = await startRenewing();
		server?.kill('SIGKILL');
		await until(() => !isRunning(pid));
		const next = another();
		const waiting = next.renew(row.id, { early: true });
		await pause(600);
		expect(held.asked()).toBe(1);
		held.release();
		expect(await waiting).toEqual({ kind: 'renewed' });
		expect(signIns.oauth.requests).toEqual([{ grant: 'refresh_token', ok: true, reused: false }]);
		expect(await now()).toMatchObject({ status: 'connected', oauth_claim: null });
		expect(await tokens()).not.toEqual(before);
		expect(await next.renew(row.id)).toEqual({ kind: 'renewed' });
		expect(signIns.oauth.refreshes()).toBe(1);
	});

	test('the process that asks shows no secret to others', async () => {
		const { held, pid } = await startRenewing();
		const pids = descendants(pid);
		expect(pids).toHaveLength(1);
		const masterKey = readFileSync(signIns.fixture.keyFile, 'utf8').trim();
		const needles = [...(await tokens()), masterKey].flatMap(encodings);
		expect(findInProcesses(pids, needles)).toEqual([]);
		held.release();
		await until(async () => (await now()).oauth_renew_at !== row.oauth_renew_at);
	});
});

test('the claim of a process that is gone holds nobody up', async () => {
	const [host, place, , birth] = workerId().split('/');
	await set({ oauth_renew_at: 1, oauth_claim: `${[host, place, 999_999_999, birth].join('/')}/${Date.now()}` });
	expect(await signIns.refresher.renew(row.id)).toEqual({ kind: 'renewed' });
	expect(signIns.oauth.refreshes()).toBe(1);
});

test('tokens of a sign-in that was replaced or disconnected meanwhile are let go', async () => {
	await makeDue();
	const held = signIns.oauth.hold();
	const renewal = signIns.refresher.renew(row.id);
	await until(() => held.asked() === 1);
	const again = await connectSignIn(signIns, ADA);
	expect([again.id, again.version]).toEqual([row.id, 2]);
	const theirs = await tokens();
	held.release();
	await renewal;
	expect([(await now()).version, await tokens()]).toEqual([2, theirs]);

	const later = signIns.oauth.hold();
	const second = signIns.refresher.renew(row.id, { early: true });
	await until(() => later.asked() === 1);
	await disconnectProvider({ db: signIns.fixture.db }, ADA, row.id);
	later.release();
	await second;
	expect(await findConnection(signIns.fixture.db, row.id)).toBeUndefined();
});

test('a renewal works with new data keys, and with a master key that is in no file', async () => {
	await rotateDataKey(signIns.fixture.db, await signIns.fixture.openKeys());
	const key = new Secret(readFileSync(signIns.fixture.keyFile, 'utf8').trim());
	const fileless = another({ masterKeyFile: join(signIns.fixture.dir, 'no-such-file'), masterKey: key });
	expect(await fileless.renew(row.id, { early: true })).toEqual({ kind: 'renewed' });
	expect(await tokens()).toHaveLength(2);
});
