import { z } from 'zod';
import type { App } from '#server/app.ts';
import { activateConnection, orderConnections } from '#server/auth/accounts/accounts.ts';
import { getFallback, setFallback } from '#server/auth/accounts/fallback.ts';
import { type ConnectionRow, getConnection } from '#server/auth/connections.ts';
import { listReceipts } from '#server/projects/receipts.ts';
import { listConnectionProjects, viewConnectionsOf } from '#server/projects/usage.ts';
import { type ConnectionView, connectionView, fallbackMode } from '#shared/providers.ts';
import { connectionProject, receiptView } from '#shared/receipts.ts';
import { nothing, userAction } from '../define.ts';
import { personOf } from '../person.ts';

const id = z.string().min(1).max(64);
const oneConnection = z.object({ connectionId: id });
const fallback = z.object({ mode: fallbackMode, returns: z.boolean() });

/** Several accounts, their order, what stands in for a provider that fails, and where a change has arrived. */
export const accountVerbs = {
	activateConnection: userAction({
		input: oneConnection,
		output: z.object({ connection: connectionView }),
		async run({ connectionId }, context) {
			const accounts = await activateConnection(context.app.db, personOf(context), connectionId);
			const views = await publish(context.app, accounts);
			const connection = views.find((view) => view.id === connectionId);
			if (connection === undefined) throw new Error('A connection has no view.');
			return { connection };
		},
	}),

	orderConnections: userAction({
		input: z.object({ connectionIds: z.array(id).max(200) }),
		output: z.object({ connections: z.array(connectionView) }),
		async run({ connectionIds }, context) {
			const rows = await orderConnections(context.app.db, personOf(context), connectionIds);
			return { connections: await publish(context.app, rows) };
		},
	}),

	getFallback: userAction({
		input: nothing,
		output: fallback,
		run: async (_, { app, user }) => getFallback(app.db, user.id),
	}),

	setFallback: userAction({
		input: fallback.partial({ returns: true }),
		output: fallback,
		run: async (input, context) => setFallback(context.app.db, personOf(context), input),
	}),

	listConnectionProjects: userAction({
		input: oneConnection,
		output: z.object({ projects: z.array(connectionProject) }),
		run: async ({ connectionId }, { app, user }) => ({
			projects: await listConnectionProjects(app.db, await getConnection(app.db, user.id, connectionId)),
		}),
	}),

	listReceipts: userAction({
		input: oneConnection,
		output: z.object({ receipts: z.array(receiptView) }),
		async run({ connectionId }, { app, user }) {
			const receipts = await listReceipts(app.db, { connectionId, userId: user.id });
			// One that is disconnected is known by its receipts alone.
			if (receipts.length === 0) await getConnection(app.db, user.id, connectionId);
			return { receipts };
		},
	}),
};

async function publish(app: App, rows: ConnectionRow[]): Promise<ConnectionView[]> {
	const views = await viewConnectionsOf(app.connections, rows);
	for (const [index, connection] of views.entries()) {
		const userId = rows[index]?.user_id;
		if (userId !== undefined) app.live.publish({ userId }, { type: 'connection.changed', connection });
	}
	return views;
}
