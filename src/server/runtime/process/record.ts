import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '#server/logger.ts';

const runningProcess = z.object({
	name: z.enum(['opencode', 'preview']),
	port: z.int(),
	/** Null until it was started for the first time. */
	identity: z.object({ pid: z.int().positive(), startTime: z.string() }).nullable(),
	startedAt: z.number(),
});
export type RunningProcess = z.infer<typeof runningProcess>;

/** As `Access` of the runtime, for the commands that run later, and for a proxy that is started again. */
const access = z.object({
	write: z.array(z.string()),
	read: z.array(z.string()),
	destinations: z.array(z.object({ host: z.string(), port: z.int(), local: z.boolean() })),
	ports: z.array(z.object({ port: z.int(), socket: z.string() })),
});

const processRecord = z.object({
	projectId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
	password: z.string(),
	bootId: z.string(),
	/** Where `exec` runs its commands. */
	exec: z.object({ cwd: z.string(), env: z.record(z.string(), z.string()) }),
	/** Null for a project that was started without a fence. */
	access: access.nullable().default(null),
	processes: z.array(runningProcess),
});
export type ProcessRecord = z.infer<typeof processRecord>;

/** What was started, one 0600 file per project in a 0700 folder; all of it is held in memory too. */
export type RecordStore = {
	get(projectId: string): ProcessRecord | undefined;
	all(): ProcessRecord[];
	/** Synchronous, so that nothing comes between a process and the note of its existence. */
	save(record: ProcessRecord): void;
	remove(projectId: string): void;
};

export function openRecords(dir: string, logger: Logger): RecordStore {
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	const records = new Map(loadAll(dir, logger).map((record) => [record.projectId, record]));
	return {
		get: (projectId) => records.get(projectId),
		all: () => [...records.values()],
		save(record) {
			const checked = processRecord.parse(record);
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

function loadAll(dir: string, logger: Logger): ProcessRecord[] {
	return readdirSync(dir)
		.filter((name) => name.endsWith('.json'))
		.flatMap((name) => {
			const parsed = processRecord.safeParse(parseJson(readFileSync(join(dir, name), 'utf8')));
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
