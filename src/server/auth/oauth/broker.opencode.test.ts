import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../../../test/harness/doce.ts';
import {
	BROWSER,
	CODE,
	DEVICE,
	FAKE_ID,
	openSignIns,
	type SignInsUnderTest,
} from '../../../../test/harness/signIns.ts';
import { findInFiles } from '../../../../test/harness/sweep.ts';
import { listAudit } from '../../audit/audit.ts';
import { cancelJob } from '../../queue/enqueue.ts';
import { getJob } from '../../queue/jobs.ts';
import type { Person } from '../connectionChanges.ts';
import { listConnections, openSignIn } from '../connections.ts';
import { ADA, BOB } from '../testing/fixture.ts';

let signIns: SignInsUnderTest;
let events: string[];
let stopListening: () => void;

beforeAll(async () => {
	signIns = await openSignIns();
});
afterAll(() => signIns?.close());
beforeEach(() => {
	events = [];
	const hear = (event: { type: string; attempt?: { state: string } }) =>
		events.push(event.attempt?.state ?? event.type);
	stopListening = signIns.live.subscribe({ userId: ADA.id }, hear);
});
afterEach(async () => {
	stopListening();
	await signIns.fixture.db.deleteFrom('provider_connections').execute();
});

const start = (person: Person, method: number, more: object = {}) =>
	signIns.broker.start(person, { providerId: FAKE_ID, method, ...more });
const stateOf = async (person: Person, attemptId: string) => (await signIns.broker.get(person, attemptId)).state;
const jobState = async (jobId: string | null) => (await getJob(signIns.fixture.db, jobId ?? '')).state;
const homes = () => {
	const root = join(signIns.fixture.dir, 'tmp/sign-in');
	return existsSync(root) ? readdirSync(root) : [];
};
const secretOf = async (person: Person) => {
	const { db } = signIns.fixture;
	const [row] = await listConnections(db, person.id);
	if (row === undefined) throw new Error('Nothing is connected.');
	return { row, signIn: await openSignIn(db, signIns.keyring, row) };
};

describe('a device sign-in', () => {
	test('shows the code, waits, seals what comes, and leaves nothing on the disk', async () => {
		const begun = await start(ADA, DEVICE);
		expect(begun).toMatchObject({ method: 'auto', url: `${signIns.oauth.url}/activate` });
		expect(begun.instructions).toContain(begun.userCode);
		expect(begun.redirectsTo).toBeUndefined();
		const home = join(signIns.fixture.dir, 'tmp/sign-in', begun.attemptId);
		expect(statSync(home).mode & 0o777).toBe(0o700);
		expect(await stateOf(ADA, begun.attemptId)).toBe('pending');

		signIns.oauth.approve(begun.userCode ?? '', 'ada@example.com');
		const connection = await signIns.broker.complete(ADA, begun.attemptId);
		expect(connection).toMatchObject({
			provider_id: FAKE_ID,
			label: 'ada@example.com',
			auth_type: 'oauth',
			status: 'connected',
			oauth_account: 'ada@example.com',
			active: 1,
		});
		expect(events).toEqual(['connected']);
		await until(() => homes().length === 0);
		const { signIn } = await secretOf(ADA);
		const secrets = [signIn.access.reveal(), signIn.refresh?.reveal() ?? ''];
		expect(findInFiles(signIns.fixture.dir, secrets)).toEqual([]);
		const [entry] = await listAudit(signIns.fixture.db, { userId: ADA.id, limit: 1 });
		expect(entry).toMatchObject({ actor: ADA.actor, action: 'connection.connected', detail: { authType: 'oauth' } });
	});

	test('that was declined says so', async () => {
		const { attemptId, userCode = '' } = await start(ADA, DEVICE);
		signIns.oauth.deny(userCode);
		await expect(signIns.broker.complete(ADA, attemptId)).rejects.toThrow('it was declined there, or failed');
		expect(await stateOf(ADA, attemptId)).toBe('failed');
		expect(events).toEqual(['failed']);
	});

	test('can be cancelled; an approval that comes too late changes nothing', async () => {
		const { attemptId, userCode = '' } = await start(ADA, DEVICE);
		expect((await signIns.broker.cancel(ADA, attemptId)).state).toBe('cancelled');
		signIns.oauth.approve(userCode);
		await until(() => homes().length === 0);
		const { job_id: jobId } = await signIns.broker.get(ADA, attemptId);
		await until(async () => (await jobState(jobId)) === 'succeeded');
		expect(await listConnections(signIns.fixture.db, ADA.id)).toEqual([]);
		expect(events).toEqual(['cancelled']);
		await expect(signIns.broker.complete(ADA, attemptId)).rejects.toMatchObject({ code: 'conflict' });
	});

	test('is cancelled with its job', async () => {
		const { attemptId } = await start(ADA, DEVICE);
		const { job_id: jobId } = await signIns.broker.get(ADA, attemptId);
		await until(async () => (await jobState(jobId)) === 'running');
		await cancelJob(signIns.fixture.db, jobId ?? '');
		await until(async () => (await stateOf(ADA, attemptId)) === 'cancelled');
	});

	test('expires when nobody approves in time', async () => {
		const { db } = signIns.fixture;
		await signIns.worker.stop();
		const { attemptId } = await start(ADA, DEVICE);
		await db
			.updateTable('oauth_attempts')
			.set({ expires_at: Date.now() - 1 })
			.where('id', '=', attemptId)
			.execute();
		await signIns.worker.start();
		await until(async () => (await stateOf(ADA, attemptId)) === 'expired');
		await until(() => homes().length === 0);
		expect((await signIns.broker.get(ADA, attemptId)).message).toContain('Nobody approved in time');
	});

	test('that a restart interrupted has failed, in words, and its folder is gone', async () => {
		await signIns.worker.stop();
		const { attemptId } = await start(ADA, DEVICE);
		expect(homes()).toEqual([attemptId]);
		const after = signIns.another();
		await after.recover();
		expect(homes()).toEqual([]);
		expect(await signIns.broker.get(ADA, attemptId)).toMatchObject({
			state: 'failed',
			message: 'doce was restarted while this sign-in waited. Start it again.',
		});
		await signIns.broker.stop();
		await signIns.worker.start();
	});
});

test('two people, and one person twice, sign in to one provider at once and get their own tokens', async () => {
	const begun = await Promise.all([start(ADA, DEVICE), start(BOB, DEVICE), start(ADA, DEVICE)]);
	const accounts = ['ada@work.example', 'bob@example.com', 'ada@home.example'];
	for (const [index, { userCode = '' }] of begun.entries()) signIns.oauth.approve(userCode, accounts[index]);
	const people = [ADA, BOB, ADA];
	const rows = await Promise.all(
		begun.map(({ attemptId }, index) => signIns.broker.complete(people[index] ?? ADA, attemptId)),
	);
	expect(rows.map((row) => [row.user_id, row.oauth_account])).toEqual([
		[ADA.id, 'ada@work.example'],
		[BOB.id, 'bob@example.com'],
		[ADA.id, 'ada@home.example'],
	]);
	const { db } = signIns.fixture;
	const sealed = await Promise.all(
		rows.map(async (row) => (await openSignIn(db, signIns.keyring, row)).access.reveal()),
	);
	expect(new Set(sealed).size).toBe(3);
	await expect(signIns.broker.get(BOB, begun[0]?.attemptId ?? '')).rejects.toMatchObject({ code: 'not_found' });
	await expect(signIns.broker.cancel(BOB, begun[0]?.attemptId ?? '')).rejects.toMatchObject({ code: 'not_found' });
});

test('signing in again renews the same connection, and so does signing in with the same account', async () => {
	const first = await start(ADA, DEVICE, { label: 'Work' });
	signIns.oauth.approve(first.userCode ?? '', 'ada@example.com');
	const row = await signIns.broker.complete(ADA, first.attemptId);
	await signIns.fixture.db
		.updateTable('provider_connections')
		.set({ status: 'expired', reason: 'sign_in_expired' })
		.execute();
	const again = await start(ADA, DEVICE, { connectionId: row.id });
	signIns.oauth.approve(again.userCode ?? '', 'ada@example.com');
	expect(await signIns.broker.complete(ADA, again.attemptId)).toMatchObject({
		id: row.id,
		label: 'Work',
		status: 'connected',
		reason: null,
		version: 2,
	});
	const same = await start(ADA, DEVICE);
	signIns.oauth.approve(same.userCode ?? '', 'ada@example.com');
	expect((await signIns.broker.complete(ADA, same.attemptId)).id).toBe(row.id);
	await expect(start(BOB, DEVICE, { connectionId: row.id })).rejects.toMatchObject({ code: 'not_found' });
});

describe('a code sign-in', () => {
	test('asks its questions, takes a second try at the code, and connects', async () => {
		await expect(start(ADA, CODE, { inputs: { plan: 'gold' } })).rejects.toThrow('Choose an answer to “Which plan?”');
		const refused = start(ADA, CODE, { inputs: { plan: 'team', team: 'ACME' } });
		await expect(refused).rejects.toThrow('A team name has lower-case letters only.');
		const begun = await start(ADA, CODE, { inputs: { plan: 'team', team: 'acme' } });
		expect(begun.method).toBe('code');
		expect(new URL(begun.url).searchParams.get('team')).toBe('acme');
		await expect(signIns.broker.complete(ADA, begun.attemptId)).rejects.toThrow('Paste the code');
		await expect(signIns.broker.complete(ADA, begun.attemptId, 'wrong')).rejects.toThrow('did not accept this code');
		expect(await stateOf(ADA, begun.attemptId)).toBe('pending');
		const row = await signIns.broker.complete(ADA, begun.attemptId, ` ${signIns.oauth.codeFor(begun.url)} `);
		expect(row).toMatchObject({ status: 'connected', metadata: expect.stringContaining('"team":"acme"') });
		expect((await signIns.broker.complete(ADA, begun.attemptId)).id).toBe(row.id);
	});
});

describe('a sign-in that sends the browser back', () => {
	const pageAfter = async (url: string) => (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';

	test('takes the address of the page that did not load', async () => {
		const begun = await start(ADA, BROWSER);
		const address = await pageAfter(begun.url);
		expect(address.startsWith(`${begun.redirectsTo}?`)).toBe(true);
		for (const foreign of ['http://127.0.0.1:1/callback?code=x', 'http://169.254.169.254/', 'ABCD-1234'])
			await expect(signIns.broker.complete(ADA, begun.attemptId, foreign)).rejects.toThrow(
				'It begins with http://127.0.0.1',
			);
		expect((await signIns.broker.complete(ADA, begun.attemptId, address)).status).toBe('connected');
	});

	test('refuses the address of another attempt, and leaves this one open', async () => {
		const [mine, other] = await Promise.all([start(ADA, BROWSER), start(BOB, BROWSER)]);
		const foreign = new URL(await pageAfter(other.url));
		const mixed = new URL(await pageAfter(mine.url));
		mixed.searchParams.set('state', foreign.searchParams.get('state') ?? '');
		await expect(signIns.broker.complete(ADA, mine.attemptId, foreign.href)).rejects.toThrow('whole address');
		await expect(signIns.broker.complete(ADA, mine.attemptId, mixed.href)).rejects.toThrow('another attempt');
		expect(await stateOf(ADA, mine.attemptId)).toBe('pending');
		await signIns.broker.cancel(ADA, mine.attemptId);
		await signIns.broker.cancel(BOB, other.attemptId);
	});
});

test('nobody may keep many sign-ins open', async () => {
	const open = await Promise.all([start(BOB, DEVICE), start(BOB, DEVICE), start(BOB, DEVICE)]);
	await expect(start(BOB, DEVICE)).rejects.toThrow('Too many sign-ins are under way');
	for (const { attemptId } of open) await signIns.broker.cancel(BOB, attemptId);
});

test('a provider that cannot be reached is named', async () => {
	const { oauth } = signIns;
	await oauth.close();
	await expect(start(ADA, DEVICE)).rejects.toThrow('Loopback Cloud cannot be reached from this server');
	expect(homes()).toEqual([]);
});
