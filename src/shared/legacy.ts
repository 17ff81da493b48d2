import { z } from 'zod';

export const importLegacyInput = z.object({
	/** On the machine that doce runs on: the old database file, or the folder it lies in. */
	path: z.string().trim().min(1, 'Give the path of the old database or data folder.').max(4_000),
	/** People with the same name are the same person. */
	matchUsers: z.boolean().optional(),
});
export type ImportLegacyInput = z.infer<typeof importLegacyInput>;

/** `unchanged` came over in an earlier import, `removed` did and was deleted here since: neither is touched again. */
const outcome = z.enum(['imported', 'matched', 'unchanged', 'removed', 'skipped']);
export type ImportOutcome = z.infer<typeof outcome>;

const importedPerson = z.object({
	/** In the old application. */
	name: z.string(),
	/** To sign in with here; null for somebody who was removed since. */
	username: z.string().nullable(),
	outcome,
	role: z.enum(['admin', 'member']).nullable(),
	/** `sealed` now, `kept` from before, `removed` here since, `none` there was, or `refused` for the reason in the notes. */
	key: z.enum(['sealed', 'kept', 'removed', 'none', 'refused']),
	notes: z.array(z.string()),
});
export type ImportedPerson = z.infer<typeof importedPerson>;

const importedProject = z.object({
	projectId: z.string().nullable(),
	name: z.string(),
	/** The username here. */
	owner: z.string().nullable(),
	slug: z.string().nullable(),
	outcome,
	/** Whether the site's files came over; null where nothing was done. */
	workspace: z.enum(['copied', 'missing', 'refused']).nullable(),
	notes: z.array(z.string()),
});
export type ImportedProjectLine = z.infer<typeof importedProject>;

/** A file of the old application that holds a key in plain text. */
const plainKeyPlace = z.object({
	kind: z.enum(['database', 'env', 'file']),
	path: z.string(),
	/** What it holds, and what doce would do about it. */
	what: z.string(),
	/** Whether doce offers to take the key out of it. */
	removable: z.boolean(),
});
export type PlainKeyPlace = z.infer<typeof plainKeyPlace>;

/** What an import took over, and what it could not. */
export const legacyReport = z.object({
	/** The database that was read. */
	source: z.string(),
	summary: z.string(),
	people: z.array(importedPerson),
	projects: z.array(importedProject),
	skipped: z.object({ deletedProjects: z.number().int(), sessions: z.number().int(), queueJobs: z.number().int() }),
	/** What stays behind by intention, in words. */
	leftBehind: z.array(z.string()),
	plainKeys: z.array(plainKeyPlace),
});
export type LegacyReport = z.infer<typeof legacyReport>;

/** What became of the offer to take the plain keys out of the old files. */
export const keyRemoval = z.object({
	removed: z.array(z.object({ path: z.string(), what: z.string() })),
	left: z.array(z.object({ path: z.string(), why: z.string() })),
});
export type KeyRemoval = z.infer<typeof keyRemoval>;

/** How a person stands with the key of the application before. */
export const legacyState = z.object({ upgradable: z.boolean(), migratedAt: z.iso.datetime().nullable() });
export type LegacyState = z.infer<typeof legacyState>;
