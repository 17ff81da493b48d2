import { execFileSync } from 'node:child_process';
import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import type { Needle } from '../canary.ts';
import { waysIn } from './needles.ts';

/** One place where a secret was found, and how it is written there. */
export type Finding = { where: string; ways: string[] };

const GIT_LIMIT = 512 * 1024 * 1024;
/** How long a repository may take to be removed, in ms. */
const VANISH_MS = 3_000;

/** Which files are looked at: all, or those that were touched since a time, in ms, and lie in none of some folders. */
export type Which = { since?: number; except?: readonly string[] };

/** Searches every file below a folder, what is packed in archives, and every object of git repositories. */
export function searchFolder(folder: string, needles: readonly Needle[], which: Which = {}): Finding[] {
	return [...filesBelow(folder, which)].flatMap((path) => [...searchFile(path, needles), ...searchGit(path, needles)]);
}

function searchFile(path: string, needles: readonly Needle[]): Finding[] {
	const content = readIfThere(path);
	if (content === undefined) return [];
	return unpack(path, content).flatMap(({ name, bytes }) => findingIn(name, bytes, needles));
}

/** The content itself, and what is packed in it. */
export function unpack(name: string, content: Buffer): { name: string; bytes: Buffer }[] {
	const whole = { name, bytes: content };
	if (content.subarray(0, 4).toString('latin1') === 'PK\x03\x04') {
		const entries = Object.entries(unzipSync(content));
		return [whole, ...entries.map(([entry, bytes]) => ({ name: `${name}!${entry}`, bytes: Buffer.from(bytes) }))];
	}
	if (content[0] === 0x1f && content[1] === 0x8b) {
		return [whole, { name: `${name}!`, bytes: gunzipSync(content) }];
	}
	return [whole];
}

/** What git keeps is packed and named by its content: git itself hands all of it out. */
function searchGit(path: string, needles: readonly Needle[]): Finding[] {
	if (!path.endsWith('/HEAD') || !existsSync(join(path, '../objects'))) return [];
	const argv = ['--git-dir', join(path, '..'), 'cat-file', '--batch', '--batch-all-objects', '--buffer'];
	try {
		const objects = execFileSync('git', argv, {
			env: ofAnybody(),
			maxBuffer: GIT_LIMIT,
			stdio: ['ignore', 'pipe', 'ignore'],
		});
		return findingIn(`${join(path, '..')} (objects)`, objects, needles);
	} catch (error) {
		// Another test's, which is just being removed.
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, VANISH_MS);
		if (!existsSync(path)) return [];
		throw error;
	}
}

/** An environment for git in which it works in repositories of other users, too. */
export function ofAnybody(): NodeJS.ProcessEnv {
	return { ...process.env, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };
}

export function findingIn(where: string, content: Buffer, needles: readonly Needle[]): Finding[] {
	const ways = waysIn(content, needles);
	return ways.length === 0 ? [] : [{ where, ways }];
}

/** Links are not followed. */
function* filesBelow(folder: string, which: Which): Generator<string> {
	const { since = 0, except = [] } = which;
	for (const entry of entriesOf(folder)) {
		const path = join(folder, entry.name);
		if (except.includes(path)) continue;
		if (entry.isDirectory()) yield* filesBelow(path, which);
		else if (entry.isFile() && (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= since) yield path;
	}
}

/** Others work in a temporary folder, too: what is gone meanwhile, or theirs alone, holds nothing of ours. */
function entriesOf(folder: string): Dirent[] {
	return ifThere(() => readdirSync(folder, { withFileTypes: true })) ?? [];
}

function readIfThere(path: string): Buffer | undefined {
	return ifThere(() => readFileSync(path));
}

function ifThere<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
		throw error;
	}
}
