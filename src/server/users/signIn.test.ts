import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../db/client.ts';
import { createApiToken, findApiTokenUser, listApiTokens, revokeApiToken } from './apiTokens.ts';
import { createSignIn, listSessions, revokeSession } from './signIn.ts';
import { findFirstAdmin, findUserByName } from './users.ts';

let dir: string;
let database: OpenDatabase;

beforeEach(async () => {
	dir = mkdtempSync(join(tmpdir(), 'doce-users-'));
	database = await openDatabase(join(dir, 'doce.sqlite'));
});

afterEach(async () => {
	await database.close();
	rmSync(dir, { recursive: true });
});

const signInAt = (url: string, secret = 'a secret that the database does not hold') =>
	createSignIn({ db: database.db, secret, publicUrl: new URL(url) });

const from = (address: string) => ({ address, userAgent: 'Firefox on a test' });

const cookieHeaders = (cookies: string[]) => new Headers({ cookie: cookies.map((c) => c.split(';')[0]).join('; ') });

test('the first person becomes admin, signs in, and is found by the cookie', async () => {
	const signIn = signInAt('http://localhost:4321');
	await signIn.createFirstAdmin('Ada', 'correct horse');
	const cookies = await signIn.signIn('ada', 'correct horse', from('127.0.0.1'));
	expect(cookies.join('\n')).toMatch(/^doce_session=.*HttpOnly/);
	expect(cookies.join('\n')).toMatch(/SameSite=Lax/);
	const session = await signIn.findSession(cookieHeaders(cookies));
	expect(session?.user).toMatchObject({ name: 'ada', role: 'admin' });
	expect(await findFirstAdmin(database.db)).toMatchObject({ name: 'ada' });
});

test('a second setup is refused', async () => {
	const signIn = signInAt('http://localhost:4321');
	await signIn.createFirstAdmin('ada', 'correct horse');
	await expect(signIn.createFirstAdmin('eve', 'correct horse')).rejects.toThrow('already set up');
});

test('of two setups at the same moment one makes an admin, and the other nobody', async () => {
	const setups = ['ada', 'eve'].map((name) =>
		signInAt('http://localhost:4321').createFirstAdmin(name, 'correct horse'),
	);
	const outcomes = await Promise.allSettled(setups);
	expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
	expect(await database.db.selectFrom('users').select('role').execute()).toEqual([{ role: 'admin' }]);
	expect(await database.db.selectFrom('accounts').select('id').execute()).toHaveLength(1);
});

test.each([
	['its account is stored', 'insert on accounts'],
	['it becomes admin', 'update on users'],
])('a setup that ends before %s leaves nobody behind, and can be done again', async (_, moment) => {
	const signIn = signInAt('http://localhost:4321');
	await sql.raw(`create trigger cut before ${moment} begin select raise(abort, 'cut'); end`).execute(database.db);
	await expect(signIn.createFirstAdmin('ada', 'correct horse')).rejects.toThrow();
	await sql.raw('drop trigger cut').execute(database.db);
	expect(await database.db.selectFrom('users').select('id').execute()).toEqual([]);
	await signIn.createFirstAdmin('ada', 'correct horse');
	expect(await signIn.signIn('ada', 'correct horse', from('127.0.0.1'))).not.toHaveLength(0);
});

test('on https the cookie is __Host- and Secure', async () => {
	const signIn = signInAt('https://doce.example.com');
	await signIn.createFirstAdmin('ada', 'correct horse');
	const cookies = await signIn.signIn('ada', 'correct horse', from('127.0.0.1'));
	expect(cookies.join('\n')).toMatch(/^__Host-doce_session=.*Path=\/.*Secure/);
});

test('a copy of the database opens no session without the signing secret', async () => {
	const signIn = signInAt('http://localhost:4321');
	await signIn.createFirstAdmin('ada', 'correct horse');
	await signIn.signIn('ada', 'correct horse', from('127.0.0.1'));
	const row = await database.db.selectFrom('user_sessions').select('token').executeTakeFirstOrThrow();
	const stolen = new Headers({ cookie: `doce_session=${row.token}` });
	expect(await signIn.findSession(stolen)).toBeUndefined();
	const forger = signInAt('http://localhost:4321', 'another secret of sufficient length');
	const forged = await forger.signIn('ada', 'correct horse', from('127.0.0.1'));
	expect(await signIn.findSession(cookieHeaders(forged))).toBeUndefined();
});

test('a wrong password and an unknown name get the same answer, and guessing is slowed down', async () => {
	const signIn = signInAt('http://localhost:4321');
	await signIn.createFirstAdmin('ada', 'correct horse');
	const wrong = await signIn.signIn('ada', 'wrong', from('10.0.0.1')).catch((error: Error) => error.message);
	const unknown = await signIn.signIn('bob', 'wrong', from('10.0.0.1')).catch((error: Error) => error.message);
	expect(wrong).toBe(unknown);
	for (let n = 0; n < 4; n++) await signIn.signIn('ada', 'wrong', from('10.0.0.1')).catch(() => undefined);
	await expect(signIn.signIn('ada', 'correct horse', from('10.0.0.1'))).rejects.toThrow('Too many failed attempts');
	expect(await signIn.signIn('ada', 'correct horse', from('10.0.0.2'))).not.toHaveLength(0);
});

test('guesses at the same moment do not pass the limit together, for a known name, an unknown one, or a confirmation', async () => {
	const signIn = signInAt('http://localhost:4321');
	await signIn.createFirstAdmin('ada', 'correct horse');
	const session = await signIn.findSession(
		cookieHeaders(await signIn.signIn('ada', 'correct horse', from('10.0.0.9'))),
	);
	if (session === undefined) throw new Error('ada is not signed in');
	const atOnce = async (guess: () => Promise<unknown>) => {
		const answers = await Promise.all(Array.from({ length: 20 }, () => guess().catch((error: Error) => error.message)));
		return answers.filter((answer) => !String(answer).startsWith('Too many')).length;
	};
	expect(await atOnce(() => signIn.signIn('ada', 'wrong', from('10.0.0.1')))).toBe(5);
	expect(await atOnce(() => signIn.signIn('bob', 'wrong', from('10.0.0.1')))).toBe(5);
	expect(await atOnce(() => signIn.confirmPassword(session, 'wrong', '10.0.0.3'))).toBe(5);
	await expect(signIn.signIn('ada', 'correct horse', from('10.0.0.1'))).rejects.toThrow('Too many failed attempts');
});

test('a session that is used goes on, and one that was not used for a week is over', async () => {
	const signIn = signInAt('http://localhost:4321');
	await signIn.createFirstAdmin('ada', 'correct horse');
	const cookies = await signIn.signIn('ada', 'correct horse', from('127.0.0.1'));
	const headers = cookieHeaders(cookies);
	// The browser has to bring the cookie for as long as a session can last; the server knows when it ended.
	expect(cookies.join()).toContain(`Max-Age=${30 * 86_400};`);
	const endIn = (days: number) =>
		database.db
			.updateTable('user_sessions')
			.set({ expires_at: new Date(Date.now() + days * 86_400_000).toISOString() })
			.execute();
	await endIn(1);
	expect(await signIn.findSession(headers)).toBeDefined();
	const { expires_at } = await database.db.selectFrom('user_sessions').select('expires_at').executeTakeFirstOrThrow();
	expect((new Date(expires_at).getTime() - Date.now()) / 86_400_000).toBeGreaterThan(6);
	await endIn(-1);
	expect(await signIn.findSession(headers)).toBeUndefined();
});

test('a revoked session is gone at once', async () => {
	const signIn = signInAt('http://localhost:4321');
	await signIn.createFirstAdmin('ada', 'correct horse');
	const headers = cookieHeaders(await signIn.signIn('ada', 'correct horse', from('127.0.0.1')));
	const session = await signIn.findSession(headers);
	const userId = session?.user.id ?? '';
	expect(await listSessions(database.db, userId)).toMatchObject([
		{ ip_address: '127.0.0.1', user_agent: 'Firefox on a test' },
	]);
	await revokeSession(database.db, userId, session?.id ?? '');
	expect(await signIn.findSession(headers)).toBeUndefined();
});

test('an API token acts as its person until it is revoked, and only its hash is stored', async () => {
	const signIn = signInAt('http://localhost:4321');
	await signIn.createFirstAdmin('ada', 'correct horse');
	const ada = await findUserByName(database.db, 'Ada');
	if (ada === undefined) throw new Error('ada is missing');
	const token = await createApiToken(database.db, ada, 'ci');
	expect((await findApiTokenUser(database.db, token))?.user).toEqual(ada);
	expect(JSON.stringify(await database.db.selectFrom('api_tokens').selectAll().execute())).not.toContain(token);
	expect(await listApiTokens(database.db)).toMatchObject([{ name: 'ci', username: 'ada' }]);
	await revokeApiToken(database.db, 'ci');
	expect(await findApiTokenUser(database.db, token)).toBeUndefined();
});

test('a sign-in is fresh for 15 minutes, again after the password is confirmed, and ends after 30 days in all', async () => {
	let now = Date.now();
	const publicUrl = new URL('http://localhost:4321');
	const signIn = createSignIn({ db: database.db, secret: 'a secret of sufficient length', publicUrl, now: () => now });
	await signIn.createFirstAdmin('ada', 'correct horse');
	const headers = cookieHeaders(await signIn.signIn('ada', 'correct horse', from('127.0.0.1')));
	const session = await signIn.findSession(headers);
	if (session === undefined) throw new Error('ada is not signed in');
	expect(signIn.isFresh(session)).toBe(true);
	now += 16 * 60_000;
	expect(signIn.isFresh(session)).toBe(false);
	await expect(signIn.confirmPassword(session, 'wrong', '127.0.0.1')).rejects.toThrow('not your password');
	expect(signIn.isFresh(session)).toBe(false);
	await signIn.confirmPassword(session, 'correct horse', '127.0.0.1');
	expect(signIn.isFresh(session)).toBe(true);
	now += 30 * 86_400_000;
	expect(await signIn.findSession(headers)).toBeUndefined();
});
