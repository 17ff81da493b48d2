import { betterAuth } from 'better-auth';
import { username as usernamePlugin } from 'better-auth/plugins/username';
import type { ZodType } from 'zod';
import { type Db, inTransaction } from '../db/client.ts';
import { newId } from '../db/id.ts';
import { AppError } from '../errors.ts';
import { createAttempts } from './attempts.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import {
	findUserByName,
	hasUsers,
	makeAdmin,
	password as passwordRule,
	type Role,
	type User,
	username as usernameRule,
} from './users.ts';

const DAY = 86_400_000;
const IDLE_DAYS = 7;
const ABSOLUTE_DAYS = 30;
/** How long a sign-in or a confirmed password counts as fresh, in ms. */
const FRESH = 15 * 60_000;

/** Only we set it, from the socket: better-auth takes a session's address from a header. */
const ADDRESS_HEADER = 'x-doce-address';

/** Where a sign-in comes from. */
export type Visitor = { address: string; userAgent: string };

export type UserSession = { id: string; user: User; createdAt: number };

/** People's sign-ins, on better-auth. Cookies are signed with a secret that the database does not hold. */
export type SignIn = ReturnType<typeof createSignIn>;

/**
 * `secret` signs the cookies; `publicUrl` is the configured origin (https makes the cookie `__Host-` and `Secure`).
 */
export function createSignIn(options: { db: Db; secret: string; publicUrl: URL; now?: () => number }) {
	const { db, now = Date.now } = options;
	const auth = createBetterAuth(options);
	const attempts = createAttempts(now);
	const confirmedAt = new Map<string, number>();

	async function findSession(headers: Headers): Promise<UserSession | undefined> {
		const found = await auth.api.getSession({ headers });
		if (found === null) return undefined;
		const createdAt = new Date(found.session.createdAt).getTime();
		if (createdAt < now() - ABSOLUTE_DAYS * DAY) return undefined;
		const { id, username, role } = found.user as typeof found.user & { username: string; role: Role };
		return { id: found.session.id, user: { id, name: username, role }, createdAt };
	}

	/** Returns the `set-cookie` headers of a new session, which remembers where it was made. Throws `unauthenticated`, or `forbidden` after many failures. */
	async function signIn(name: string, password: string, { address, userAgent }: Visitor): Promise<string[]> {
		const headers = new Headers({ [ADDRESS_HEADER]: address, 'user-agent': userAgent.slice(0, 300) });
		const cookies = await attempts.run(name, address, async () => {
			try {
				const body = { username: name, password };
				const answer = await auth.api.signInUsername({ body, headers, returnHeaders: true });
				return answer.headers.getSetCookie().map(keepLong);
			} catch (cause) {
				if (!isRefusal(cause)) throw cause;
				return undefined;
			}
		});
		if (cookies === undefined) throw new AppError('unauthenticated', 'That username and password do not match.');
		return cookies;
	}

	async function signOut(headers: Headers): Promise<string[]> {
		const { headers: answer } = await auth.api.signOut({ headers, returnHeaders: true });
		return answer.getSetCookie();
	}

	/** Creates a person with a password. Throws `conflict` when the name is taken. */
	async function createUser(name: string, password: string): Promise<string> {
		const person = await newPerson(name, password);
		return inTransaction(db, (tx) => addPerson(tx, person));
	}

	/** Creates the first admin. Throws `conflict` when somebody has an account already. */
	async function createFirstAdmin(name: string, password: string): Promise<void> {
		await requireNobody(db);
		const person = await newPerson(name, password);
		await inTransaction(db, async (tx) => {
			await requireNobody(tx);
			await makeAdmin(tx, await addPerson(tx, person));
		});
	}

	/** Stores a person, in the transaction `tx` and by its rules: better-auth is made anew on it, with the hash ready. */
	async function addPerson(tx: Db, { username, password, hash }: NewPerson): Promise<string> {
		if (await findUserByName(tx, username)) throw new AppError('conflict', `The username "${username}" is taken.`);
		const inTx = createBetterAuth({ ...options, db: tx, hash: async () => hash });
		const body = { email: `${newId()}@people.invalid`, name: username, username, password };
		return (await inTx.api.signUpEmail({ body })).user.id;
	}

	/** Confirms the password of a signed-in person, so that the next minutes count as fresh. */
	async function confirmPassword(session: UserSession, password: string, address: string): Promise<void> {
		const isRight = await attempts.run(session.user.name, address, async () => {
			const account = await db
				.selectFrom('accounts')
				.select('password')
				.where('user_id', '=', session.user.id)
				.where('password', 'is not', null)
				.executeTakeFirst();
			return (await verifyPassword(account?.password ?? '', password)) || undefined;
		});
		if (isRight === undefined) throw new AppError('forbidden', 'That is not your password.');
		confirmedAt.set(session.id, now());
	}

	function isFresh(session: UserSession): boolean {
		return Math.max(session.createdAt, confirmedAt.get(session.id) ?? 0) > now() - FRESH;
	}

	return { findSession, signIn, signOut, createUser, createFirstAdmin, confirmPassword, isFresh };
}

/** A cookie that lasts as long as a session can: one that lasted its idle time only would end a session in use. */
function keepLong(cookie: string): string {
	return cookie.replace(/;\s*Max-Age=\d+/i, `; Max-Age=${(ABSOLUTE_DAYS * DAY) / 1000}`);
}

/** Sessions of one person, newest first. */
export async function listSessions(db: Db, userId: string) {
	return db
		.selectFrom('user_sessions')
		.select(['id', 'created_at', 'updated_at', 'ip_address', 'user_agent'])
		.where('user_id', '=', userId)
		.where('expires_at', '>', new Date().toISOString())
		.orderBy('created_at', 'desc')
		.execute();
}

export async function revokeSession(db: Db, userId: string, sessionId: string): Promise<void> {
	await inTransaction(db, async (tx) => {
		const { numDeletedRows } = await tx
			.deleteFrom('user_sessions')
			.where('id', '=', sessionId)
			.where('user_id', '=', userId)
			.executeTakeFirst();
		if (numDeletedRows === 0n) throw new AppError('not_found', 'That session has ended already.');
	});
}

type NewPerson = { username: string; password: string; hash: string };

async function newPerson(name: string, given: string): Promise<NewPerson> {
	const password = readInput(passwordRule, given);
	return { username: readInput(usernameRule, name), password, hash: await hashPassword(password) };
}

async function requireNobody(db: Db): Promise<void> {
	if (await hasUsers(db)) throw new AppError('conflict', 'This doce is already set up. Sign in instead.');
}

type BetterAuthOptions = { db: Db; secret: string; publicUrl: URL; hash?: (password: string) => Promise<string> };

function createBetterAuth({ db, secret, publicUrl, hash: toHash = hashPassword }: BetterAuthOptions) {
	const secure = publicUrl.protocol === 'https:';
	const times = { createdAt: 'created_at', updatedAt: 'updated_at' };
	return betterAuth({
		appName: 'doce',
		baseURL: publicUrl.origin,
		secret,
		database: { db, type: 'sqlite' },
		emailAndPassword: {
			enabled: true,
			autoSignIn: false,
			maxPasswordLength: 128,
			password: { hash: toHash, verify: ({ hash, password }) => verifyPassword(hash, password) },
		},
		user: {
			modelName: 'users',
			fields: { emailVerified: 'email_verified', ...times },
			additionalFields: { role: { type: 'string', input: false, defaultValue: 'member' } },
		},
		session: {
			modelName: 'user_sessions',
			fields: {
				userId: 'user_id',
				expiresAt: 'expires_at',
				ipAddress: 'ip_address',
				userAgent: 'user_agent',
				...times,
			},
			expiresIn: (IDLE_DAYS * DAY) / 1000,
		},
		account: {
			modelName: 'accounts',
			fields: {
				userId: 'user_id',
				accountId: 'account_id',
				providerId: 'provider_id',
				accessToken: 'access_token',
				refreshToken: 'refresh_token',
				idToken: 'id_token',
				accessTokenExpiresAt: 'access_token_expires_at',
				refreshTokenExpiresAt: 'refresh_token_expires_at',
				...times,
			},
		},
		verification: { modelName: 'verifications', fields: { expiresAt: 'expires_at', ...times } },
		advanced: {
			database: { generateId: () => newId() },
			ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
			useSecureCookies: false,
			cookies: { session_token: { name: secure ? '__Host-doce_session' : 'doce_session' } },
			defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/', secure },
		},
		rateLimit: { enabled: false },
		telemetry: { enabled: false },
		logger: { disabled: true },
		plugins: [
			usernamePlugin({
				minUsernameLength: 1,
				maxUsernameLength: 64,
				usernameValidator: (value) => usernameRule.safeParse(value).success,
				schema: { user: { fields: { displayUsername: 'display_username' } } },
			}),
		],
	});
}

/** The value as its rule takes it. Throws `AppError('invalid')` with the rule's own words. */
function readInput(rule: ZodType<string>, value: string): string {
	const parsed = rule.safeParse(value);
	if (!parsed.success) throw new AppError('invalid', parsed.error.issues.map(({ message }) => message).join(' '));
	return parsed.data;
}

/** better-auth answers a refused request with an `APIError` that carries a 4xx status. */
function isRefusal(error: unknown): boolean {
	return error instanceof Error && 'statusCode' in error && Number(error.statusCode) < 500;
}
