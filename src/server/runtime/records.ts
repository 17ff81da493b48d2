import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '#server/logger.ts';

/** A project's id, as a part of a file's name. */
export const recordId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** As `Access` of the runtime, for the commands that run later, and for a proxy that is started again. */
export const storedAccess = z.object({
	write: z.array(z.string()),
	read: z.array(z.string()),
	destinations: z.array(z.object({ host: z.string(), port: z.int(), local: z.boolean() })),
	ports: z.array(z.object({ port: z.int(), socket: z.string() })),
});

/** What was started, one 0600 file per project in a 0700 folder; all of it is held in memory too. */
export type RecordStore<T> = {
	get(projectId: string): T | undefined;
	all(): T[];
	/** Synchronous, so that nothing comes between what is started and the note of its existence. */
	save(record: T): void;
	remove(projectId: string): void;
};

export function openRecords<T extends { projectId: string }>(
	dir: string,
	schema: z.ZodType<T>,
	logger: Logger,
): RecordStore<T> {
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	const records = new Map(loadAll(dir, schema, logger).map((record) => [record.projectId, record]));
	return {
		get: (projectId) => records.get(projectId),
		all: () => [...records.values()],
		save(record) {
			const checked = schema.parse(record);
			const file = fileOf(dir, checked.projectId);
			writeFileSync(`${file}.tmp`, JSON.stringify(checked), { mode: 0o600 });
			renameSync(`${file}.tmp`, file);
			records.set(record.projectId, record);
		},
		remove(projectId) {
			if (records.delete(projectId)) rmSync(fileOf(dir, projectId), { force: true });
		},
	};
}

function loadAll<T>(dir: string, schema: z.ZodType<T>, logger: Logger): T[] {
	return readdirSync(dir)
		.filter((name) => name.endsWith('.json'))
		.flatMap((name) => {
			const parsed = schema.safeParse(parseJson(readFileSync(join(dir, name), 'utf8')));
			if (parsed.success) return [parsed.data];
			logger.warn({ file: name }, 'A runtime record was unreadable and is dropped; its processes will be ended');
			rmSync(join(dir, name));
			return [];
		});
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}

function fileOf(dir: string, projectId: string): string {
	return join(dir, `${projectId}.json`);
}
