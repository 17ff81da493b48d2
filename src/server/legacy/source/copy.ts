import { copyFile, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '#server/errors.ts';
import { codeOf, isUnreadable } from '../files/paths.ts';

/** What the old application called its database; its folder held that, or a folder `data` with it. */
const FILE_NAMES = ['db.sqlite', join('data', 'db.sqlite')];
const COPY_TRIES = 5;
const COPY_PAUSE = 200;

/** The old database that a path means. Throws `AppError('not_found')` with what was looked for. */
export async function findDatabaseFile(path: string): Promise<string> {
	const given = resolve(path);
	const kind = await kindOf(given);
	if (kind === 'file') return given;
	if (kind === undefined)
		throw new AppError('not_found', `There is nothing at ${given}. Check the path on this server.`);
	for (const name of FILE_NAMES) {
		const file = join(given, name);
		if ((await kindOf(file)) === 'file') return file;
	}
	throw new AppError('not_found', `There is no db.sqlite in ${given}. Name the old database file itself.`);
}

/**
 * Copies a database that may be in use, with what it has not written back yet, into a private folder. Throws
 * `AppError('conflict')` when it changes all the time.
 */
export async function copyDatabase(file: string, folder: string): Promise<string> {
	const target = join(folder, 'copy.sqlite');
	for (let tries = 0; tries < COPY_TRIES; tries++) {
		const before = await marksOf(file);
		await copyParts(file, target);
		if ((await marksOf(file)) === before) return target;
		await pause(COPY_PAUSE);
	}
	throw new AppError(
		'conflict',
		`${basename(file)} is being written to all the time. Stop the old application, then try again.`,
	);
}

/** Opens a copy read-only and checks all of it. Throws `AppError('invalid')` that says what is broken. */
export function openCopy(copy: string, name: string): DatabaseSync {
	try {
		// An unfinished transaction is undone by opening; only then can it be read without writing.
		const whole = new DatabaseSync(copy);
		whole.prepare('select count(*) from sqlite_master').get();
		whole.close();
		const database = new DatabaseSync(copy, { readOnly: true });
		database.exec('pragma trusted_schema = off; pragma cell_size_check = on;');
		const [found] = database.prepare('pragma quick_check(1)').all();
		if (found?.['quick_check'] === 'ok') return database;
		database.close();
		throw new AppError('invalid', `${name} is damaged (${String(found?.['quick_check'])}). ${NOTHING_DONE}`);
	} catch (error) {
		throw toWords(error, name);
	}
}

const NOTHING_DONE = 'Nothing was taken over.';

/** A failure of SQLite in words; anything else as it is. */
export function toWords(error: unknown, name: string): unknown {
	const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
	if (code === undefined) return error;
	const words =
		code === 26
			? `${name} is not an SQLite database.`
			: code === 11
				? `${name} is damaged or cut off: it is shorter than it says, or its pages do not fit together.`
				: `${name} could not be read (SQLite error ${code}).`;
	return new AppError('invalid', `${words} ${NOTHING_DONE}`, { cause: error });
}

async function copyParts(file: string, target: string): Promise<void> {
	for (const part of ['', '-wal', '-journal']) {
		await rm(target + part, { force: true });
		try {
			await copyFile(file + part, target + part);
		} catch (error) {
			if (part === '' || codeOf(error) !== 'ENOENT') throw copyFailure(error, file + part);
		}
	}
}

function copyFailure(error: unknown, file: string): unknown {
	const code = codeOf(error);
	if (code === 'EACCES' || code === 'EPERM')
		return new AppError('forbidden', `doce may not read ${file}. Give its user the right to, then try again.`, {
			cause: error,
		});
	if (code === 'ENOSPC')
		return new AppError('unavailable', `The disk is full: there is no room for a copy of ${file}.`, { cause: error });
	return error;
}

/** Sizes and times of change of all parts, as one text. */
async function marksOf(file: string): Promise<string> {
	const marks: string[] = [];
	for (const part of ['', '-wal', '-journal']) {
		const found = await statOrGone(file + part);
		marks.push(found === undefined ? '-' : `${found.size} ${found.mtimeMs}`);
	}
	return marks.join(' ');
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
	const found = await statOrGone(path);
	if (found === undefined) return undefined;
	return found.isDirectory() ? 'folder' : 'file';
}

async function statOrGone(path: string) {
	try {
		return await stat(path);
	} catch (error) {
		if (!isUnreadable(error)) throw error;
		return undefined;
	}
}
