import type { App } from '#server/app.ts';
import { type ConnectionRow, listConnections } from '#server/auth/connections.ts';
import { viewConnectionsOf } from '#server/projects/usage.ts';
import type { ConnectionView } from '#shared/providers.ts';

/** The view of a connection that changed, which every open page of its owner is told of. */
export async function publishConnection(app: App, row: ConnectionRow): Promise<ConnectionView> {
	const [connection] = await viewConnectionsOf(app.connections, [row]);
	if (connection === undefined) throw new Error('A connection has no view.');
	app.live.publish({ userId: row.user_id }, { type: 'connection.changed', connection });
	return connection;
}

/** Tells a person's open pages how all their connections stand. */
export async function publishConnections(app: App, userId: string): Promise<void> {
	for (const connection of await viewConnectionsOf(app.connections, await listConnections(app.db, userId))) {
		app.live.publish({ userId }, { type: 'connection.changed', connection });
	}
}
