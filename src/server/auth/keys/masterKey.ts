import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '#server/errors.ts';
import type { Secret } from '#server/secret.ts';

/** The key that everything else hangs on, with a short public fingerprint of it. */
export type MasterKey = { id: string; material: KeyObject };

/** Where the master key may come from: its text itself wins over the file. */
export type MasterKeySource = { masterKeyFile: string; masterKey?: Secret | undefined };

export type MasterKeySearch =
	| { kind: 'found'; key: MasterKey }
	| { kind: 'missing' }
	/** Something is there, but it is no master key; `problem` is a sentence. */
	| { kind: 'unusable'; problem: string };

const FORMAT = /^doce-mk1:([A-Za-z0-9_-]{43})$/;
const KEY_BYTES = 32;

/** Looks for the master key and creates nothing. */
export function findMasterKey(source: MasterKeySource): MasterKeySearch {
	if (source.masterKey !== undefined) return parse(source.masterKey.reveal(), 'DOCE_MASTER_KEY');
	try {
		return parse(readFileSync(source.masterKeyFile, 'utf8'), source.masterKeyFile);
	} catch (error) {
		const code = systemCode(error);
		if (code === undefined) throw error;
		if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
		return { kind: 'unusable', problem: `${source.masterKeyFile} cannot be read (${code}).` };
	}
}

/**
 * Makes a new master key in `file`, readable by its owner alone and durable before it is used. A file that is
 * there already, also one that another process makes at the same moment, is kept and its key returned.
 */
export function createMasterKey(file: string): MasterKey {
	try {
		mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
		writeExclusively(file, `doce-mk1:${randomBytes(KEY_BYTES).toString('base64url')}\n`);
	} catch (error) {
		const code = systemCode(error);
		if (code === undefined) throw error;
		throw new AppError('unavailable', `The encryption key could not be written to ${file} (${code}).`, {
			cause: error,
		});
	}
	const search = findMasterKey({ masterKeyFile: file });
	if (search.kind === 'found') return search.key;
	throw new AppError(
		'unavailable',
		search.kind === 'unusable' ? search.problem : `${file} disappeared while doce made it.`,
	);
}

function parse(text: string, place: string): MasterKeySearch {
	const encoded = FORMAT.exec(text.trim())?.[1];
	const bytes = Buffer.from(encoded ?? '', 'base64url');
	if (bytes.length !== KEY_BYTES || bytes.toString('base64url') !== encoded) {
		return {
			kind: 'unusable',
			problem: `${place} does not hold a doce master key (one line, "doce-mk1:" and 43 characters).`,
		};
	}
	return { kind: 'found', key: { id: keyId(bytes), material: createSecretKey(bytes) } };
}

function keyId(bytes: Buffer): string {
	return `mk-${Buffer.from(hkdfSync('sha256', bytes, '', 'doce/master-key-id', 6)).toString('hex')}`;
}

/** A temporary file, synced, then linked into place: `link` is the step that never overwrites. */
function writeExclusively(file: string, text: string): void {
	const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
	const handle = openSync(temporary, 'wx', 0o600);
	try {
		writeSync(handle, text);
		fsyncSync(handle);
	} finally {
		closeSync(handle);
	}
	try {
		linkSync(temporary, file);
	} catch (error) {
		if (systemCode(error) !== 'EEXIST') throw error;
	} finally {
		unlinkSync(temporary);
	}
	syncFolder(dirname(file));
}

function syncFolder(folder: string): void {
	const handle = openSync(folder, 'r');
	try {
		fsyncSync(handle);
	} finally {
		closeSync(handle);
	}
}

function systemCode(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error && 'syscall' in error ? String(error.code) : undefined;
}
