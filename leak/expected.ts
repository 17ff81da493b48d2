import type { KindName } from './kinds.ts';
import { PLACES, type Place } from './sweep.ts';

/**
 * What a place has of a credential at the end of its life: it is there for sure, it may be (text that a program has read
 * cannot be wiped from its memory), or, unless named, nothing may be there in any way of writing it.
 */
export type Expectation = Partial<Record<Place, 'holds it' | 'may hold it'>>;

/** The server opens a person's credentials to know what to take out of texts; the gateway opens what is asked for. */
const OURS: Expectation = { 'memory of the server': 'may hold it', 'memory of the gateway': 'may hold it' };

const COPIED: Expectation = {
	'memory of the server': 'may hold it',
	'auth.json of OpenCode': 'holds it',
	// Where a provider repeats the key in a good answer, OpenCode keeps it until doce next looks: at a refusal, a change, a stop.
	'other files of the data folder': 'may hold it',
	'memory of OpenCode': 'may hold it',
	// Without TLS, as here, the relay of the fence and the proxy see what passes; renewals have a process of their own.
	'memory of every other process': 'may hold it',
};

export const SWEEPS: { kind: KindName; delivery: 'sealed' | 'direct'; expected: Expectation }[] = [
	{ kind: 'API key', delivery: 'sealed', expected: OURS },
	{ kind: 'sign-in', delivery: 'sealed', expected: OURS },
	{ kind: 'API key', delivery: 'direct', expected: COPIED },
	{ kind: 'sign-in', delivery: 'direct', expected: COPIED },
	{ kind: 'organisation', delivery: 'direct', expected: COPIED },
];

/** The table of docs/security.md. */
export function toTable(): string {
	const heads = SWEEPS.map(({ kind, delivery }) => `${kind}, ${delivery}`);
	const rows = PLACES.map((place) => [place, ...SWEEPS.map(({ expected }) => expected[place] ?? 'nothing')]);
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [line(['Place', ...heads]), line(['---', ...heads.map(() => '---')]), ...rows.map(line)].join('\n');
}
