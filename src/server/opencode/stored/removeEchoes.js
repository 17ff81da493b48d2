// Takes the secrets that an OpenCode keeps out of its database. It runs behind the project's fence, since an agent may
// have put anything in the place of these files. Plain JavaScript without imports of ours: nothing else is there.
import { closeSync, lstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const MARK = '[key]';
/** How long a statement waits for OpenCode's own write, in ms. */
const BUSY_TIMEOUT = 5_000;
const CHUNK_BYTES = 4 * 1024 * 1024;

const { credentials, configFile, database, fields, shortestHeader } = JSON.parse(process.argv[2] ?? '');
const files = [database, `${database}-wal`, `${database}-shm`, `${database}-journal`];
// Without a fence these lead nowhere else either.
const isPlain = files.every((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? true);
const secrets = isPlain ? [...new Set([...keys(), ...headers()])] : [];
const echoed = secrets.filter((secret) => secret !== '' && files.slice(0, 2).some((file) => holds(file, secret)));
if (echoed.length > 0) rewrite();

function keys() {
	return Object.values(read(credentials)).flatMap((entry) => fields.map((name) => entry?.[name]).filter(isText));
}

function headers() {
	const all = Object.values(read(configFile).provider ?? {}).map((provider) => provider?.options?.headers ?? {});
	return all.flatMap((each) => Object.values(each).filter((value) => isText(value) && value.length >= shortestHeader));
}

function isText(value) {
	return typeof value === 'string';
}

function read(file) {
	if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return {};
	return JSON.parse(readFileSync(file, 'utf8'));
}

function holds(file, secret) {
	if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return false;
	const wanted = Buffer.from(secret);
	const chunk = Buffer.alloc(CHUNK_BYTES + wanted.length);
	const opened = openSync(file, 'r');
	try {
		for (let at = 0; ; at += CHUNK_BYTES) {
			const length = readSync(opened, chunk, 0, chunk.length, at);
			if (chunk.subarray(0, length).includes(wanted)) return true;
			if (length < chunk.length) return false;
		}
	} finally {
		closeSync(opened);
	}
}

/** Each column that holds one of them, then the pages that held an earlier text of a row. */
function rewrite() {
	const opened = new DatabaseSync(database, { timeout: BUSY_TIMEOUT });
	for (const { table, column } of textColumns(opened)) {
		try {
			const update = opened.prepare(
				`update ${table} set ${column} = replace(${column}, ?, ?) where instr(${column}, ?) > 0`,
			);
			for (const secret of echoed) update.run(secret, MARK, secret);
		} catch {
			// No table of OpenCode's own refuses that; the others are still cleaned.
			process.exitCode = 1;
		}
	}
	opened.exec('vacuum; pragma wal_checkpoint(truncate);');
	opened.close();
}

function textColumns(opened) {
	const columns = opened.prepare(
		`select m.name as "table", c.name as "column" from sqlite_master m join pragma_table_info(m.name) c
		where m.type = 'table' and m.name not like 'sqlite_%' and lower(c.type) in ('text', 'json', '')`,
	);
	const quoted = (name) => `"${name.replaceAll('"', '""')}"`;
	return columns.all().map(({ table, column }) => ({ table: quoted(table), column: quoted(column) }));
}
