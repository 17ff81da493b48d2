import { existsSync, lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Secret } from '../secret.ts';

/** How long a statement waits for OpenCode's own write, in ms. */
const BUSY_TIMEOUT = 5_000;
const MARK = '[key]';

/**
 * Takes secrets out of OpenCode's database. A provider that repeats the whole key when it refuses it puts it there:
 * OpenCode keeps the answer with its message. It may be running, but should be idle.
 */
export async function removeEchoes(home: string, secrets: readonly Secret[]): Promise<void> {
	const file = join(home, 'data/opencode/opencode.db');
	// The agent writes there too: in place of the database it may have put a link to another one.
	if (!isPlainFile(file) || !isPlainFile(`${file}-wal`)) return;
	const echoed: string[] = [];
	for (const value of secrets.map((secret) => secret.reveal())) {
		if (value !== '' && (await isIn(file, value))) echoed.push(value);
	}
	if (echoed.length > 0) rewrite(file, echoed);
}

/** What is not there is no link either. */
function isPlainFile(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

async function isIn(file: string, value: string): Promise<boolean> {
	for (const path of [file, `${file}-wal`]) {
		if (existsSync(path) && (await readFile(path)).includes(value)) return true;
	}
	return false;
}

/** Each column that holds one of the values, then the pages that held an earlier text of a row. */
function rewrite(file: string, values: string[]): void {
	const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT });
	try {
		for (const { table, column } of listTextColumns(database)) {
			const update = database.prepare(
				`update "${table}" set "${column}" = replace("${column}", ?, ?) where instr("${column}", ?) > 0`,
			);
			for (const value of values) update.run(value, MARK, value);
		}
		database.exec('vacuum; pragma wal_checkpoint(truncate);');
	} finally {
		database.close();
	}
}

function listTextColumns(database: DatabaseSync): { table: string; column: string }[] {
	const columns = database.prepare(
		`select m.name as "table", c.name as "column" from sqlite_master m join pragma_table_info(m.name) c
		where m.type = 'table' and m.name not like 'sqlite_%' and lower(c.type) in ('text', 'json', '')`,
	);
	return columns.all() as { table: string; column: string }[];
}
