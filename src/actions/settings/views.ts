import type { App } from '#server/app.ts';
import { type ConnectionRow, viewConnections } from '#server/auth/connections.ts';
import { countProjectsByProvider } from '#server/projects/projects.ts';
import type { ConnectionView } from '#shared/providers.ts';

/** A changed connection's view, which every open page of its owner gets, too. */
export async function viewOne(app: App, row: ConnectionRow): Promise<{ connection: ConnectionView }> {
	const [connection] = await viewRows(app, row.user_id, [row]);
	if (connection === undefined) throw new Error('A connection has no view.');
	app.live.publish({ userId: row.user_id }, { type: 'connection.changed', connection });
	return { connection };
}

/** One person's connections as JSON. */
export async function viewRows(app: App, userId: string, rows: ConnectionRow[]): Promise<ConnectionView[]> {
	const counts = await countProjectsByProvider(app.db, userId);
	return viewConnections(app.connections, rows, (row) => counts.get(row.provider_id) ?? 0);
}
