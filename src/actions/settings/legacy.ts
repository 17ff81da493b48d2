import { z } from 'zod';
import type { App } from '#server/app.ts';
import type { ConnectionRow } from '#server/auth/connections.ts';
import { findSettings, legacyConnectionId } from '#server/auth/legacy/legacyKey.ts';
import { canMigrate, migrateToProviders, noteOffered } from '#server/auth/legacy/migration.ts';
import { importLegacy } from '#server/legacy/importLegacy.ts';
import { removePlainKeys } from '#server/legacy/keys/removeKeys.ts';
import { importLegacyInput, keyRemoval, legacyReport, legacyState } from '#shared/legacy.ts';
import { type ConnectionView, connectionView } from '#shared/providers.ts';
import { adminAction, nothing, userAction, type VerbContext } from '../define.ts';
import { personOf, requireFresh } from '../person.ts';
import { publishConnection } from './views.ts';

/** The application that doce replaces: its people, keys and projects. */
export const legacyVerbs = {
	migrateToProviderSystem: userAction({
		input: nothing,
		output: z.object({ connection: connectionView.optional(), migratedAt: z.iso.datetime() }),
		async run(_, context) {
			const { app, user } = context;
			const { connection: row, migratedAt } = await migrateToProviders(app.connections, personOf(context));
			const connection = row && (await announceMigrated(app, user.id, row));
			return { ...(connection && { connection }), migratedAt: new Date(migratedAt).toISOString() };
		},
	}),

	getLegacy: userAction({
		input: nothing,
		output: legacyState,
		async run(_, { app, user }) {
			const at = (await findSettings(app.db, user.id))?.migration_completed_at ?? null;
			const upgradable = await canMigrate(app.db, user.id);
			if (upgradable) await noteOffered(app.db, user.id);
			return {
				upgradable,
				migratedAt: at === null ? null : new Date(at).toISOString(),
			};
		},
	}),

	importLegacy: adminAction({
		input: importLegacyInput,
		output: z.object({ report: legacyReport }),
		async run(input, context) {
			requireFresh(context);
			const { app } = context;
			const options = { runtime: app.runtime.kind, actor: personOf(context).actor };
			return { report: await importLegacy(depsOf(context), input, options) };
		},
	}),

	removeLegacyKeys: adminAction({
		input: importLegacyInput.pick({ path: true }),
		output: keyRemoval,
		async run({ path }, context) {
			requireFresh(context);
			return removePlainKeys(depsOf(context), path, personOf(context).actor);
		},
	}),
};

/** Tells the open pages that the legacy key has become a connection. */
export async function announceMigrated(app: App, userId: string, row: ConnectionRow): Promise<ConnectionView> {
	app.live.publish({ userId }, { type: 'connection.removed', connectionId: legacyConnectionId(userId) });
	return publishConnection(app, row);
}

function depsOf<Who>({ app }: VerbContext<Who>) {
	return { db: app.db, keyring: app.keyring, dataDir: app.config.dataDir };
}
