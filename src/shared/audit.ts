import { z } from 'zod';

/** What happened, by kind, and the actions that belong to each. An action of none is still in the trail. */
export const AUDIT_KINDS = {
	connect: ['connection.connected', 'connection.signedIn', 'connection.imported', 'connection.migrated'],
	test: ['connection.tested', 'connection.statusChanged', 'connection.signInEnded'],
	edit: [
		'connection.updated',
		'connection.activated',
		'settings.preferredProvider',
		'settings.fallback',
		'settings.connectionOrder',
		'settings.runtime',
		'project.fallback',
		'project.limits',
	],
	deliver: ['credential.delivered', 'credential.removed'],
	refresh: ['connection.renewed', 'credential.renewed', 'connection.refreshed'],
	use: ['credential.used'],
	fallback: ['credential.fallback', 'credential.returned'],
	park: ['credential.parked', 'credential.resumed'],
	disconnect: ['connection.disconnected', 'legacyKey.forgotten'],
	budget: ['budget.set', 'budget.removed', 'budget.warned', 'budget.stopped'],
	people: ['person.imported', 'project.imported', 'legacy.imported', 'legacy.keysRemoved'],
} as const satisfies Record<string, readonly string[]>;

export type AuditKind = keyof typeof AUDIT_KINDS;
export const auditKind = z.enum(Object.keys(AUDIT_KINDS) as [AuditKind, ...AuditKind[]]);

const id = z.string().max(64);
const time = z.iso.datetime({ offset: true, error: 'Give a time such as 2026-01-31T00:00:00Z.' });

export const auditFilter = z.object({
	connectionId: id.optional(),
	projectId: id.optional(),
	/** One action by its name, such as `connection.tested`. */
	action: z.string().max(64).optional(),
	kind: auditKind.optional(),
	/** `user:<id>`, `token:<id>` or `doce`. */
	actor: z.string().max(80).optional(),
	/** From this time on. */
	from: time.optional(),
	/** Before this time. */
	to: time.optional(),
	/** Everybody's entries, for admins. */
	all: z.boolean().optional(),
});
export type AuditFilterInput = z.infer<typeof auditFilter>;

export const auditEntryView = z.object({
	id: z.string(),
	at: z.iso.datetime(),
	actor: z.string(),
	/** Who that is, as well as is still known. */
	actorName: z.string(),
	/** Whose connection or project it concerns. */
	ownerName: z.string().nullable(),
	action: z.string(),
	connectionId: z.string().nullable(),
	/** Provider and label, also of a connection that is gone. */
	connectionName: z.string().nullable(),
	projectId: z.string().nullable(),
	/** null for a project that is gone. */
	projectName: z.string().nullable(),
	jobId: z.string().nullable(),
	detail: z.record(z.string(), z.unknown()),
});
export type AuditEntryView = z.infer<typeof auditEntryView>;

const choice = z.object({ id: z.string(), name: z.string() });
/** What there is to filter by. */
export const auditChoices = z.object({
	connections: z.array(choice),
	projects: z.array(choice),
	actors: z.array(choice),
});
export type AuditChoices = z.infer<typeof auditChoices>;

export const auditFormat = z.enum(['csv', 'json']);
export type AuditFormat = z.infer<typeof auditFormat>;
