import { z } from 'zod';
import { Secret } from '#server/secret.ts';
import { providerId } from '#shared/providers.ts';
import type { Variable } from './assignments.ts';

/** One entry of OpenCode's `auth.json`. */
export type StoredEntry = {
	/** A provider's id; for a well-known sign-in the host of its address; a number where it is neither. */
	source: string;
	line: number;
	/** Its place in the object, from 1. */
	number: number;
} & (
	| { type: 'api'; key: Secret; metadata: Record<string, string> }
	| { type: 'oauth' }
	| { type: 'wellknown'; key: Secret }
	| { type: 'unreadable'; problem: string }
);

const apiEntry = z.object({
	type: z.literal('api'),
	key: z.string(),
	metadata: z.record(z.string(), z.string()).optional(),
});
/** The tokens of a sign-in are not even read: see `entries.ts`. */
const oauthEntry = z.object({ type: z.literal('oauth') });
const wellknownEntry = z.object({ type: z.literal('wellknown'), token: z.string() });
const anyEntry = z.discriminatedUnion('type', [apiEntry, oauthEntry, wellknownEntry]);

type AuthFile = { stored: StoredEntry[]; variables: Variable[]; taken: number };

/**
 * Reads the JSON object that begins in a line: an `auth.json`, or names with values. No message repeats anything of it.
 */
export function readAuthFile(lines: string[], at: number): AuthFile {
	const { text, taken } = objectFrom(lines, at);
	const first = at + 1;
	const content = parseObject(text);
	if (content === undefined) {
		const problem = 'This JSON is not complete or not valid. Copy the whole file again.';
		return {
			stored: [{ source: `line ${first}`, line: first, number: 0, type: 'unreadable', problem }],
			variables: [],
			taken,
		};
	}
	const entries = Object.entries(content);
	const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
	return {
		stored: entries
			.filter(([, value]) => typeof value !== 'string')
			.map(([id, value], at) => toEntry(id, value, { line: first, number: at + 1 })),
		variables: texts
			.filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
			.map(([name, value]) => ({ name, line: first, value: new Secret(value), problem: null })),
		taken,
	};
}

function toEntry(id: string, value: unknown, at: { line: number; number: number }): StoredEntry {
	const place = { ...at, source: sourceOf(id) ?? `entry ${at.number}` };
	const parsed = anyEntry.safeParse(value);
	if (!parsed.success) {
		return { ...place, type: 'unreadable', problem: 'This entry of auth.json has a form that doce does not know.' };
	}
	const entry = parsed.data;
	if (entry.type === 'oauth') return { ...place, type: 'oauth' };
	if (entry.type === 'wellknown') return { ...place, type: 'wellknown', key: new Secret(entry.token) };
	if (!providerId.safeParse(place.source).success) {
		return { ...place, type: 'unreadable', problem: 'Its provider has an id that OpenCode does not give.' };
	}
	return { ...place, type: 'api', key: new Secret(entry.key), metadata: entry.metadata ?? {} };
}

function sourceOf(id: string): string | undefined {
	const bare = id.replace(/\/+$/, '');
	if (providerId.safeParse(bare).success) return bare;
	return /^https?:/.test(bare) && URL.canParse(bare) ? new URL(bare).host : undefined;
}

/** The object that begins in a line, and over how many lines it goes: to the last one when it does not end. */
function objectFrom(lines: string[], at: number): { text: string; taken: number } {
	const state = { depth: 0, inString: false };
	for (let next = at; next < lines.length; next++) {
		const line = lines[next] ?? '';
		const end = endOfObject(line, state);
		if (end === -1) continue;
		return { text: [...lines.slice(at, next), line.slice(0, end)].join('\n'), taken: next - at + 1 };
	}
	return { text: '', taken: lines.length - at };
}

function endOfObject(line: string, state: { depth: number; inString: boolean }): number {
	for (let at = 0; at < line.length; at++) {
		const letter = line[at];
		if (state.inString && letter === '\\') at++;
		else if (letter === '"') state.inString = !state.inString;
		else if (state.inString) continue;
		else if (letter === '{' || letter === '[') state.depth++;
		else if ((letter === '}' || letter === ']') && --state.depth === 0) return at + 1;
	}
	return -1;
}

function parseObject(text: string): Record<string, unknown> | undefined {
	try {
		return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data;
	} catch (error) {
		// Its message would repeat a part of the text.
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}
