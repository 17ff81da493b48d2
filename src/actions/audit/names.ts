import type { App } from '#server/app.ts';
import type { StoredAuditEntry } from '#server/audit/audit.ts';
import { lastKnownConnections } from '#server/audit/subjects.ts';
import { nameConnections, nameProvider } from '#server/auth/accounts/names.ts';
import { nameProjects } from '#server/projects/names.ts';
import { nameApiTokens, nameUsers } from '#server/users/names.ts';
import type { AuditEntryView } from '#shared/audit.ts';

type Names = Pick<App, 'db' | 'catalog'>;

/** Entries with the names of what they speak of, as well as those are still known. */
export async function nameEntries(app: Names, entries: StoredAuditEntry[]): Promise<AuditEntryView[]> {
	const [connections, projects, actors, owners] = await Promise.all([
		connectionNames(
			app,
			idsOf(entries, ({ connectionId }) => connectionId),
		),
		nameProjects(
			app.db,
			idsOf(entries, ({ projectId }) => projectId),
		),
		actorNames(
			app,
			idsOf(entries, ({ actor }) => actor),
		),
		nameUsers(
			app.db,
			idsOf(entries, ({ userId }) => userId),
		),
	]);
	const views = entries.map(async ({ userId, ...entry }) => ({
		...entry,
		actorName: actors.get(entry.actor) ?? entry.actor,
		ownerName: userId === null ? null : (owners.get(userId) ?? null),
		connectionName: connections.get(entry.connectionId ?? '') ?? (await nameFromDetail(app, entry)),
		projectName: projects.get(entry.projectId ?? '') ?? null,
	}));
	return Promise.all(views);
}

/** Provider and label of connections, also of those that are gone, whose names the trail keeps. */
export async function connectionNames(app: Names, ids: string[]): Promise<Map<string, string>> {
	const existing = await nameConnections(app.db, app.catalog, ids);
	const gone = await lastKnownConnections(
		app.db,
		ids.filter((id) => !existing.has(id)),
	);
	const names = new Map([...existing].map(([id, { providerName, label }]) => [id, `${providerName} · ${label}`]));
	for (const [id, { providerId, label }] of gone)
		names.set(id, `${(await nameProvider(app.catalog, providerId)) ?? providerId} · ${label}`);
	return names;
}

/** Who `user:<id>`, `token:<id>` and `doce` are. */
export async function actorNames(app: Names, actors: string[]): Promise<Map<string, string>> {
	const idsWith = (prefix: string): string[] =>
		actors.filter((actor) => actor.startsWith(prefix)).map((actor) => actor.slice(prefix.length));
	const [users, tokens] = await Promise.all([
		nameUsers(app.db, idsWith('user:')),
		nameApiTokens(app.db, idsWith('token:')),
	]);
	return new Map([
		...[...users].map(([id, name]) => [`user:${id}`, name] as const),
		...[...tokens].map(([id, name]) => [`token:${id}`, `API token ${name}`] as const),
	]);
}

async function nameFromDetail(app: Names, { connectionId, detail }: Omit<StoredAuditEntry, 'userId'>) {
	const providerId = detail['providerId'];
	if (connectionId === null || typeof providerId !== 'string') return null;
	return (await nameProvider(app.catalog, providerId)) ?? providerId;
}

function idsOf(entries: StoredAuditEntry[], idOf: (entry: StoredAuditEntry) => string | null): string[] {
	return [...new Set(entries.map(idOf))].filter((id) => id !== null);
}
