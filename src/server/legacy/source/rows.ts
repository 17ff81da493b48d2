import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { deriveId } from '#server/db/id.ts';
import { AppError } from '#server/errors.ts';
import { Secret } from '#server/secret.ts';
import { providerId } from '#shared/providers.ts';

export type LegacyPerson = {
	/** In the old database. */
	oldId: string;
	/** The id here, the same in every import. */
	id: string;
	username: string;
	passwordHash: string;
	createdAt: number;
	key: Secret | undefined;
	defaultModel: string | null;
};

export type LegacyProject = {
	oldId: string;
	id: string;
	ownerOldId: string;
	createdAt: number;
	deleted: boolean;
	name: string;
	slug: string;
	prompt: string;
	model: { providerId: string; modelId: string | null };
	/** Where its files were, as the old application wrote it down. */
	path: string;
	promptSent: boolean;
	promptCompleted: boolean;
};

export type LegacyRows = {
	people: LegacyPerson[];
	projects: LegacyProject[];
	counts: { sessions: number; queueJobs: number };
};

const MAX_NAME = 120;

const id = z.union([z.string().min(1), z.number().int()]).transform(String);
/** Whole seconds; a number that would lie thousands of years ahead is in milliseconds already. */
const time = z
	.number()
	.int()
	.min(0)
	.max(8e12)
	.transform((value) => (value > 1e11 ? value : value * 1_000));
const flag = z.number().nullish().transform(Boolean);
const text = z
	.string()
	.nullish()
	.transform((value) => value ?? '');

const personRow = z.object({ id, created_at: time, username: z.string().min(1), password_hash: text });
const settingsRow = z.object({ user_id: id, openrouter_api_key: text, default_model: text });
const projectRow = z.object({
	id,
	owner_user_id: id,
	created_at: time,
	deleted_at: z.number().nullish(),
	name: text,
	slug: text,
	prompt: text,
	model: text,
	status: text,
	path_on_disk: text,
	initial_prompt_sent: flag,
	initial_prompt_completed: flag,
	current_model_provider_id: text,
	current_model_id: text,
});

/** What a table must have; the other columns of its shape may be missing in an older database. */
const NEEDED = {
	users: ['id', 'created_at', 'username', 'password_hash'],
	user_settings: ['user_id', 'openrouter_api_key'],
	projects: ['id', 'owner_user_id', 'created_at', 'name', 'slug', 'prompt', 'path_on_disk'],
} as const;

/** Reads what comes over; everything else is counted, not read. Throws `AppError('invalid')` for what it cannot use. */
export function readRows(database: DatabaseSync, name: string): LegacyRows {
	const columns = checkTables(database, name);
	const read = <T>(table: keyof typeof NEEDED, shape: z.ZodType<T> & { shape: object }): T[] => {
		const wanted = Object.keys(shape.shape).filter((column) => columns[table].includes(column));
		const rows = database.prepare(`select ${wanted.join(', ')} from ${table}`).all();
		return rows.map((row, index) => parseRow(shape, row, `row ${index + 1} of its table "${table}"`, name));
	};
	const settings = new Map(read('user_settings', settingsRow).map((row) => [row.user_id, row]));
	const people = read('users', personRow).map((row) => toPerson(row, settings.get(row.id)));
	const models = new Map(people.map(({ oldId, defaultModel }) => [oldId, defaultModel]));
	const projects = read('projects', projectRow).map((row) => toProject(row, models.get(row.owner_user_id) ?? null));
	const byAge = (one: { createdAt: number; id: string }, other: { createdAt: number; id: string }): number =>
		one.createdAt - other.createdAt || one.id.localeCompare(other.id);
	return {
		people: people.sort(byAge),
		projects: projects.sort(byAge),
		counts: { sessions: count(database, 'sessions'), queueJobs: count(database, 'queue_jobs') },
	};
}

function checkTables(database: DatabaseSync, name: string): Record<keyof typeof NEEDED, string[]> {
	const found = Object.entries(NEEDED).map(([table, needed]) => {
		const columns = columnsOf(database, table);
		const missing = needed.find((column) => !columns.includes(column));
		if (columns.length === 0) throw refusal(name, `It has no table "${table}"`);
		if (missing !== undefined) throw refusal(name, `Its table "${table}" has no column "${missing}"`);
		return [table, columns];
	});
	return Object.fromEntries(found) as Record<keyof typeof NEEDED, string[]>;
}

function refusal(name: string, what: string): AppError {
	return new AppError('invalid', `${name} is not a database of the old application. ${what}. Nothing was taken over.`);
}

/** Of a real table: a view could compute anything. */
function columnsOf(database: DatabaseSync, table: string): string[] {
	const isTable = database.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(table);
	if (isTable === undefined) return [];
	return database
		.prepare('select name from pragma_table_info(?)')
		.all(table)
		.map((row) => String(row['name']));
}

function count(database: DatabaseSync, table: string): number {
	if (columnsOf(database, table).length === 0) return 0;
	return Number(database.prepare(`select count(*) as n from ${table}`).get()?.['n']);
}

function parseRow<T>(shape: z.ZodType<T>, row: unknown, place: string, name: string): T {
	const parsed = shape.safeParse(row);
	if (parsed.success) return parsed.data;
	const column = parsed.error.issues[0]?.path.join('.') ?? '';
	throw new AppError('invalid', `${name}: ${place} has no usable "${column}". Nothing was taken over.`);
}

function toPerson(row: z.infer<typeof personRow>, settings: z.infer<typeof settingsRow> | undefined): LegacyPerson {
	const key = settings?.openrouter_api_key.trim() ?? '';
	return {
		oldId: row.id,
		id: deriveId(row.created_at, 'legacy person', row.id),
		username: row.username,
		passwordHash: row.password_hash,
		createdAt: row.created_at,
		key: key === '' ? undefined : new Secret(key),
		defaultModel: settings?.default_model || null,
	};
}

function toProject(row: z.infer<typeof projectRow>, defaultModel: string | null): LegacyProject {
	return {
		oldId: row.id,
		id: deriveId(row.created_at, 'legacy project', row.id),
		ownerOldId: row.owner_user_id,
		createdAt: row.created_at,
		deleted: row.deleted_at != null || row.status === 'deleting',
		name: (row.name.trim() || row.slug || 'Untitled').slice(0, MAX_NAME),
		slug: row.slug,
		prompt: row.prompt,
		model: {
			providerId: providerId.safeParse(row.current_model_provider_id).data ?? 'openrouter',
			modelId: row.current_model_id || row.model || defaultModel,
		},
		path: row.path_on_disk,
		promptSent: row.initial_prompt_sent,
		promptCompleted: row.initial_prompt_completed,
	};
}
