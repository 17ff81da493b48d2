import { z } from 'zod';
import type { App } from '#server/app.ts';
import { type ConnectionRow, findConnection } from '#server/auth/connections.ts';
import type { AttemptRow } from '#server/auth/oauth/attempts.ts';
import { viewConnectionsOf } from '#server/projects/usage.ts';
import { completeOAuthInput, initiatedOAuth, initiateOAuthInput, oauthOutcome } from '#shared/oauth.ts';
import { type ConnectionView, connectionView } from '#shared/providers.ts';
import { userAction } from '../define.ts';
import { personOf, requireFresh } from '../person.ts';

const oneAttempt = z.object({ attemptId: z.string().min(1).max(64) });

/** Signing in to a provider: begin, hand over a code or an address, ask how it stands, give up. */
export const oauthVerbs = {
	initiateOAuth: userAction({
		input: initiateOAuthInput,
		output: initiatedOAuth,
		async run(input, context) {
			requireFresh(context);
			return context.app.oauth.start(personOf(context), input);
		},
	}),

	completeOAuth: userAction({
		input: completeOAuthInput,
		output: z.object({ connection: connectionView }),
		async run({ attemptId, code }, context) {
			const row = await context.app.oauth.complete(personOf(context), attemptId, code);
			return { connection: await view(context.app, row) };
		},
	}),

	getOAuthAttempt: userAction({
		input: oneAttempt,
		output: oauthOutcome,
		run: async ({ attemptId }, context) =>
			outcomeOf(context.app, await context.app.oauth.get(personOf(context), attemptId)),
	}),

	cancelOAuth: userAction({
		input: oneAttempt,
		output: oauthOutcome,
		run: async ({ attemptId }, context) =>
			outcomeOf(context.app, await context.app.oauth.cancel(personOf(context), attemptId)),
	}),
};

async function outcomeOf(app: App, row: AttemptRow): Promise<z.infer<typeof oauthOutcome>> {
	const connection = row.connection_id === null ? undefined : await findConnection(app.db, row.connection_id);
	return {
		state: row.state,
		...(connection !== undefined && { connection: await view(app, connection) }),
		...(row.message !== null && { message: row.message }),
		expiresAt: new Date(row.expires_at).toISOString(),
	};
}

async function view(app: App, row: ConnectionRow): Promise<ConnectionView> {
	const [connection] = await viewConnectionsOf(app.connections, [row]);
	if (connection === undefined) throw new Error('A connection has no view.');
	return connection;
}
