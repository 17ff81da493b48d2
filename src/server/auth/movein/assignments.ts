import { Secret } from '#server/secret.ts';

/** A variable with a value, as a `.env` or a shell has it. `problem` says why its value cannot be used. */
export type Variable = { name: string; line: number; value: Secret; problem: string | null };

/** `export NAME=`, `- NAME=`, `NAME: ` and the like, up to where the value begins. */
const NAME = /^\s*(?:-\s+)?(?:export\s+|declare\s+-x\s+|env\s+)?([A-Za-z_][A-Za-z0-9_]*)(?:\s*=\s*|:\s+)/;
/** What separates two assignments of one line. */
const NEXT = /^\s*(?:;|&&)?\s*/;
const ANOTHER = /\s(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*=/;

/** How many lines a quoted value may go on for, such as that of a certificate. */
const MOST_LINES = 100;

type Value = { text: string; problem: string | null; rest: string; taken: number };

/** The assignments that begin in a line; a quoted value may go on over several, which `taken` counts. */
export function readAssignments(lines: string[], at: number): { variables: Variable[]; taken: number } {
	const variables: Variable[] = [];
	let rest = lines[at] ?? '';
	let taken = 1;
	for (;;) {
		const [whole, name] = NAME.exec(rest) ?? [];
		if (whole === undefined || name === undefined) return { variables, taken };
		const value = readValue(rest.slice(whole.length), lines.slice(at + taken, at + taken + MOST_LINES));
		variables.push({ name, line: at + 1, value: new Secret(value.text), problem: value.problem });
		taken += value.taken;
		rest = value.rest.replace(NEXT, '');
	}
}

function readValue(text: string, following: string[]): Value {
	const quote = text[0];
	if (quote === '"' || quote === "'" || quote === '`') return readQuoted(text.slice(1), quote, following);
	const end = text.search(/\s#|;|&&/);
	const plain = end === -1 ? text : text.slice(0, end);
	const another = ANOTHER.exec(plain);
	const value = (another === null ? plain : plain.slice(0, another.index)).trim();
	const rest = another === null ? text.slice(plain.length) : text.slice(another.index);
	return { text: value, problem: refersElsewhere(value), rest: /^\s*#/.test(rest) ? '' : rest, taken: 0 };
}

function readQuoted(text: string, quote: string, following: string[]): Value {
	let all = text;
	for (let taken = 0; ; taken++) {
		const end = closingQuote(all, quote);
		if (end !== -1) {
			const inside = quote === '"' ? all.slice(0, end).replace(/\\(["\\$`])/g, '$1') : all.slice(0, end);
			const problem = quote === "'" ? null : refersElsewhere(all.slice(0, end));
			return { text: inside.trim(), problem, rest: all.slice(end + 1), taken };
		}
		const next = following[taken];
		if (next === undefined) return { text: '', problem: 'Its quotation mark is never closed.', rest: '', taken: 0 };
		all += `\n${next}`;
	}
}

function closingQuote(text: string, quote: string): number {
	for (let at = 0; at < text.length; at++) {
		if (text[at] === '\\' && quote === '"') at++;
		else if (text[at] === quote) return at;
	}
	return -1;
}

function refersElsewhere(value: string): string | null {
	return /(^|[^\\])\$[\w({]/.test(value) ? 'Its value is taken from somewhere else ($…). Paste the key itself.' : null;
}
