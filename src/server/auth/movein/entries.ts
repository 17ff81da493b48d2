import type { Secret } from '#server/secret.ts';
import type { AuthType } from '#shared/providers.ts';
import type { Variable } from './assignments.ts';
import type { StoredEntry } from './authFile.ts';
import type { Pasted } from './read.ts';
import {
	fieldsFor,
	keyProblem,
	type MoveInProvider,
	providersOf,
	SIGN_IN,
	type Surroundings,
	whyNoProvider,
} from './variables.ts';

/** A credential of a pasted text and the provider it would be for. `problem` says why it cannot be imported. */
export type Entry = {
	/** The same for the same text. */
	id: string;
	source: string;
	type: AuthType;
	provider: { id: string; name: string } | null;
	key: Secret | null;
	fields: Record<string, string>;
	suggested: boolean;
	problem: { state: 'unreadable' | 'unsupported'; reason: string } | null;
};

const WELL_KNOWN = 'Connect it again here with its address: doce shows first what it would configure.';

/** Every credential of a text, in its order of lines, and how many other things stand beside them. */
export function entriesOf(pasted: Pasted, providers: MoveInProvider[]): { entries: Entry[]; ignored: number } {
	const around: Surroundings = new Map(pasted.variables.map(({ name, value }) => [name, value]));
	const variables = pasted.variables.map((variable) => toLined(variable, ofVariable(variable, providers, around)));
	const found = [
		...variables.flat(),
		...pasted.stored.flatMap((stored) => toLined(stored, [ofStored(stored, providers)])),
		...pasted.nameless.flatMap((nameless) => toLined(nameless, [ofNameless(nameless)])),
	];
	return {
		entries: found.sort((one, other) => one.line - other.line).map(({ entry }) => entry),
		ignored: pasted.others + variables.filter((entries) => entries.length === 0).length,
	};
}

function toLined({ line }: { line: number }, entries: Entry[]): { line: number; entry: Entry }[] {
	return entries.map((entry) => ({ line, entry }));
}

/** One entry for each provider that reads the variable; none when it does not look like a key. */
function ofVariable(variable: Variable, providers: MoveInProvider[], around: Surroundings): Entry[] {
	const { name, line, value } = variable;
	const base = { source: name, type: 'api' as const, key: value, fields: {} };
	const readers = providersOf(providers, name);
	const unreadable = variable.problem ?? keyProblem(value);
	const noProvider = whyNoProvider(name);
	if (readers.length === 0) {
		if (noProvider === undefined) return [];
		const problem = { state: 'unsupported' as const, reason: noProvider };
		return [{ ...base, id: `${name}:${line}`, provider: null, suggested: false, problem }];
	}
	return readers.map((provider, at) => {
		const { fields, problem } = fieldsFor(provider, name, around);
		const entry = { ...base, id: `${name}:${line}:${provider.id}`, provider, fields, suggested: at === 0 };
		if (unreadable !== null) return { ...entry, problem: { state: 'unreadable', reason: unreadable } };
		const reason = provider.refusal ?? problem;
		return { ...entry, problem: reason === null ? null : { state: 'unsupported', reason } };
	});
}

function ofStored(stored: StoredEntry, providers: MoveInProvider[]): Entry {
	const { source, line, number } = stored;
	const provider = providers.find(({ id }) => id === source) ?? null;
	const id = `auth.json:${line}:${number}`;
	const base = { id, source, provider, key: null, fields: {}, suggested: true };
	if (stored.type === 'unreadable')
		return { ...base, type: 'api', problem: { state: 'unreadable', reason: stored.problem } };
	if (stored.type === 'oauth') return { ...base, type: 'oauth', problem: { state: 'unsupported', reason: SIGN_IN } };
	if (stored.type === 'wellknown')
		return { ...base, type: 'wellknown', key: stored.key, problem: { state: 'unsupported', reason: WELL_KNOWN } };
	const entry = { ...base, type: 'api' as const, key: stored.key, fields: stored.metadata };
	const unreadable = keyProblem(stored.key);
	if (unreadable !== null) return { ...entry, problem: { state: 'unreadable', reason: unreadable } };
	if (provider === null) {
		const reason = `"${source}" is not in the list of providers. Add it as a custom endpoint, with its address.`;
		return { ...entry, problem: { state: 'unsupported', reason } };
	}
	return {
		...entry,
		problem: provider.refusal === null ? null : { state: 'unsupported', reason: provider.refusal },
	};
}

function ofNameless({ line, value }: Pasted['nameless'][number]): Entry {
	const reason = 'A key without a name. Write its variable in front, such as OPENAI_API_KEY=, or use Add provider.';
	return {
		id: `line:${line}`,
		source: `line ${line}`,
		type: 'api',
		provider: null,
		key: value,
		fields: {},
		suggested: false,
		problem: { state: 'unreadable', reason },
	};
}
