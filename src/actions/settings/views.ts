import type { App } from '#server/app.ts';
import type { ConnectionRow } from '#server/auth/connections.ts';
import { viewConnectionsOf } from '#server/projects/usage.ts';
import type { ConnectionView } from '#shared/providers.ts';

/** A changed connection's view, which every open page of its owner gets, too. */
export async function viewOne(app: App, row: ConnectionRow): Promise<{ connection: ConnectionView }> {
	const [connection] = await viewRows(app, [row]);
	if (connection === undefined) throw new Error('A connection has no view.');
	app.live.publish({ userId: row.user_id }, { type: 'connection.changed', connection });
	return { connection };
}

export async function viewRows(app: App, rows: ConnectionRow[]): Promise<ConnectionView[]> {
	return viewConnectionsOf(app.connections, rows);
}
