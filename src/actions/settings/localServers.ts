import { z } from 'zod';
import { listConnections } from '#server/auth/connections.ts';
import { findLocalServers } from '#server/auth/local/find.ts';
import { findLocalPlaces } from '#server/auth/local/places.ts';
import { localServer } from '#shared/localServers.ts';
import { adminAction, nothing } from '../define.ts';

/** Verbs for model servers on this machine. */
export const localServerVerbs = {
	findLocalServers: adminAction({
		input: nothing,
		output: z.object({ servers: z.array(localServer), inContainer: z.boolean() }),
		async run(_, { app, user }) {
			const places = findLocalPlaces();
			const found = await findLocalServers({ places });
			const known = (await listConnections(app.db, user.id)).map((row) => row.base_url);
			const servers = found.map((server) => ({ ...server, connected: known.includes(server.baseUrl ?? '') }));
			return { servers, inContainer: places.inContainer };
		},
	}),
};
