import { Secret } from '#server/secret.ts';
import { readAssignments, type Variable } from './assignments.ts';
import { readAuthFile, type StoredEntry } from './authFile.ts';

/** What a pasted text holds: a mix of variables and entries of an OpenCode `auth.json`. */
export type Pasted = {
	variables: Variable[];
	stored: StoredEntry[];
	/** Lines that look like a key and do not say whose. */
	nameless: { line: number; value: Secret }[];
	/** How many other lines there are. */
	others: number;
};

/** In characters; no key is as long. */
const LONGEST_LINE = 20_000;
/** A lone word of this kind is a key that lost its name: letters and digits, long, nothing that a sentence has. */
const LONE_KEY = /^(?=.*[0-9])(?=.*[A-Za-z])["']?[A-Za-z0-9_.-]{20,}["']?$/;

/** Reads whatever a person pasted. Tolerant: comments, quotes, CRLF, `export`, a byte order mark, JSON between lines. */
export function readPasted(text: string): Pasted {
	const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
	const pasted: Pasted = { variables: [], stored: [], nameless: [], others: 0 };
	for (let at = 0; at < lines.length; ) at += readFrom(lines, at, pasted);
	return pasted;
}

/** Reads what begins at a line and says how many lines it took. */
function readFrom(lines: string[], at: number, pasted: Pasted): number {
	const line = (lines[at] ?? '').trim();
	if (line === '' || line.startsWith('#') || line.startsWith('//')) return 1;
	if (line.startsWith('{')) {
		const { stored, variables, taken } = readAuthFile(lines, at);
		pasted.stored.push(...stored);
		pasted.variables.push(...variables);
		return taken;
	}
	const found = line.length > LONGEST_LINE ? undefined : readAssignments(lines, at);
	pasted.variables.push(...(found?.variables ?? []));
	if (found !== undefined && found.variables.length > 0) return found.taken;
	if (line.length <= LONGEST_LINE && LONE_KEY.test(line))
		pasted.nameless.push({ line: at + 1, value: new Secret(line) });
	else pasted.others++;
	return 1;
}
