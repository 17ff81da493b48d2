import { z } from 'zod';
import type { App } from '#server/app.ts';
import { migrateAtSignIn } from '#server/auth/legacy/migration.ts';
import { AppError } from '#server/errors.ts';
import { listSessions, revokeSession, type Visitor } from '#server/users/signIn.ts';
import { findUserByName, password, username } from '#server/users/users.ts';
import { nothing, publicAction, userAction, type VerbContext } from './define.ts';
import { announceMigrated } from './settings/legacy.ts';

const sessionView = z.object({
	id: z.string(),
	createdAt: z.iso.datetime(),
	lastSeenAt: z.iso.datetime(),
	address: z.string().nullable(),
	userAgent: z.string().nullable(),
	current: z.boolean(),
});

export const users = {
	setup: publicAction({
		input: z.object({ setupToken: z.string().max(200), username, password }),
		output: nothing,
		async run(input, { app, request, setCookies }) {
			app.setupToken.check(input.setupToken);
			await app.signIn.createFirstAdmin(input.username, input.password);
			setCookies(await app.signIn.signIn(input.username, input.password, visitorOf(request)));
			return {};
		},
	}),

	signIn: publicAction({
		input: z.object({
			username: z.string().trim().min(1, 'Give your username.').max(64),
			password: z.string().min(1, 'Give your password.').max(128),
		}),
		output: nothing,
		async run(input, { app, request, setCookies }) {
			setCookies(await app.signIn.signIn(input.username, input.password, visitorOf(request)));
			await upgradeLegacyKey(app, input.username);
			return {};
		},
	}),

	signOut: userAction({
		input: nothing,
		output: nothing,
		async run(_, { app, request, setCookies }) {
			setCookies(await app.signIn.signOut(request.headers));
			return {};
		},
	}),

	confirmPassword: userAction({
		input: z.object({ password: z.string().min(1, 'Give your password.').max(128) }),
		output: nothing,
		async run(input, { app, caller, request }) {
			if (caller?.via !== 'session') throw new AppError('invalid', 'An API token has no password to confirm.');
			await app.signIn.confirmPassword(caller.session, input.password, request.address);
			return {};
		},
	}),

	listSessions: userAction({
		input: nothing,
		output: z.object({ sessions: z.array(sessionView) }),
		async run(_, { app, user, caller }) {
			const currentId = caller?.via === 'session' ? caller.session.id : undefined;
			const rows = await listSessions(app.db, user.id);
			const sessions = rows.map((row) => ({
				id: row.id,
				createdAt: row.created_at,
				lastSeenAt: row.updated_at,
				address: row.ip_address,
				userAgent: row.user_agent,
				current: row.id === currentId,
			}));
			return { sessions };
		},
	}),

	revokeSession: userAction({
		input: z.object({ sessionId: z.string().max(64) }),
		output: nothing,
		async run(input, { app, user }) {
			await revokeSession(app.db, user.id, input.sessionId);
			return {};
		},
	}),
};

/** What a person does not upgrade by hand upgrades itself, at the sign-in after the first. */
async function upgradeLegacyKey(app: App, username: string): Promise<void> {
	const user = await findUserByName(app.db, username);
	const row = user && (await migrateAtSignIn(app, user));
	if (row !== undefined) await announceMigrated(app, row.user_id, row);
}

function visitorOf({ headers, address }: VerbContext<undefined>['request']): Visitor {
	return { address, userAgent: headers.get('user-agent') ?? '' };
}
