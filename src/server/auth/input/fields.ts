import { AppError } from '#server/errors.ts';
import { askedPrompts, asksForAddress } from '#shared/prompts.ts';
import type { AuthPrompt } from '#shared/providers.ts';
import { checkDestination } from '../destinations.ts';
import type { DirectoryProvider } from './directory.ts';
import { fieldOf, fillPlaceholders, placeholdersIn } from './placeholders.ts';

type Asked = Pick<DirectoryProvider, 'id' | 'name' | 'api' | 'models' | 'authMethods'>;

/** Fields that stay within one host: the key goes to the same place, whatever they say. */
const WITHIN_ONE_HOST = new Set(['accountId', 'gatewayId', 'role', 'INFOMANIAK_PRODUCT_ID']);

/** What a field is when it is left empty. */
const DEFAULTS: Record<string, string> = { instanceUrl: 'https://gitlab.com', region: 'us-east-1' };

/** For what OpenCode's own list does not ask, though the provider's address has a place for it. */
const QUESTIONS: Record<string, { message: string; placeholder: string }> = {
	resourceName: { message: 'Resource name', placeholder: 'my-models' },
	host: { message: 'Workspace host', placeholder: 'dbc-1234.cloud.databricks.com' },
	region: { message: 'AWS region', placeholder: 'us-east-1' },
	INFOMANIAK_PRODUCT_ID: { message: 'Product id', placeholder: '12345' },
	NEON_AI_GATEWAY_BASE_URL: { message: 'Gateway address', placeholder: 'https://…' },
};

/** What a provider asks for beside the key: OpenCode's own prompts, and the gaps in its addresses that they leave. */
export function promptsOf(provider: Asked): AuthPrompt[] {
	const listed = provider.authMethods.find(({ type }) => type === 'api')?.prompts ?? [];
	const own = listed.map((prompt) => (isOptional(prompt) ? { ...prompt, optional: true } : prompt));
	return [...own, ...unaskedFields(provider).map(questionFor)];
}

/** The fields that only doce asks for: OpenCode would look for them in its environment. */
export function unaskedFields(provider: Asked): string[] {
	const listed = new Set(provider.authMethods.flatMap(({ prompts = [] }) => prompts.map(({ key }) => key)));
	const named = placeholdersIn(provider).map(fieldOf);
	return [...new Set(named)].filter((field) => !listed.has(field));
}

/** Whether changed fields send the key to another place, so that it has to be given again. */
export function placesOfFields(fields: Record<string, string>): string[] {
	return Object.entries(fields)
		.filter(([name]) => !WITHIN_ONE_HOST.has(name))
		.map(([name, value]) => `${name}=${value}`);
}

export type FieldRules = {
	/** The admin's word that a private address is meant. */
	allowPrivate: boolean;
	/** The connection has an address of its own, so nothing has to be filled in. */
	ownAddress: boolean;
};

/**
 * Reads the extra fields of a provider: trimmed, complete, and each of its form. Throws `AppError('invalid')`; a fault of
 * one field starts with that field's question, so that a screen can show it there.
 */
export function readFields(provider: Asked, given: Record<string, string>, rules: FieldRules): Record<string, string> {
	const prompts = promptsOf(provider);
	const answers = trimmed(given);
	const asked = askedPrompts(prompts, answers);
	const unknown = Object.keys(answers).find((name) => !asked.some(({ key }) => key === name));
	if (unknown !== undefined) throw new AppError('invalid', wordsForUnknown(provider, unknown, asked));
	const read = asked.flatMap((prompt) => {
		const answer = answers[prompt.key] ?? (rules.ownAddress ? undefined : DEFAULTS[prompt.key]);
		if (answer !== undefined) return [[prompt.key, readAnswer(prompt, answer, rules)] as const];
		if (rules.ownAddress || prompt.optional) return [];
		throw fault(prompt, `${provider.name} needs this too.`);
	});
	return Object.fromEntries(read);
}

/** The extra fields of an endpoint that is in no list: nothing is known of them. */
export function trimmed(given: Record<string, string>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(given)
			.map(([name, value]) => [name, value.trim()])
			.filter(([, value]) => value !== ''),
	);
}

/** An address of the catalogue with the fields in their places; what OpenCode fills by itself stays as it is. */
export function fillUnasked(provider: Asked, template: string, fields: Record<string, string>): string {
	const mine = unaskedFields(provider);
	return fillPlaceholders(template, fields, (field) => mine.includes(field)) ?? template;
}

function isOptional({ key, message }: AuthPrompt): boolean {
	return DEFAULTS[key] !== undefined || /\(optional\)/i.test(message);
}

function questionFor(field: string): AuthPrompt {
	const words = field.toLowerCase().replaceAll('_', ' ');
	const known = QUESTIONS[field] ?? { message: words.slice(0, 1).toUpperCase() + words.slice(1), placeholder: '' };
	return { type: 'text', key: field, ...known, ...(DEFAULTS[field] !== undefined && { optional: true }) };
}

function readAnswer(prompt: AuthPrompt, answer: string, rules: FieldRules): string {
	if (prompt.type === 'select') return readChoice(prompt, answer);
	if (asksForAddress(prompt)) return readAddress(prompt, answer, rules);
	if (/host$/i.test(prompt.key)) return readHost(prompt, answer, rules);
	if (/:\/\//.test(answer)) throw fault(prompt, `only the name, such as ${example(prompt)}, not an address.`);
	if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(answer))
		throw fault(prompt, 'letters, digits, dots, dashes and underscores only.');
	return answer;
}

function readChoice(prompt: AuthPrompt, answer: string): string {
	const choices = (prompt.options ?? []).map(({ value }) => value);
	if (!choices.includes(answer)) throw fault(prompt, `choose one of ${choices.join(', ')}.`);
	return answer;
}

function readAddress(prompt: AuthPrompt, answer: string, { allowPrivate }: FieldRules): string {
	const url = destination(prompt, answer, allowPrivate);
	if (url.search !== '' || url.hash !== '') throw fault(prompt, 'leave out what follows the "?" or "#".');
	if (prompt.key !== 'instanceUrl') return url.href.replace(/\/+$/, '');
	// OpenCode takes the origin alone, and rewrites its stored credential when there is more.
	if (url.pathname !== '/')
		throw fault(prompt, 'OpenCode reaches an instance only at the top of its host: leave out the path.');
	return url.origin;
}

function readHost(prompt: AuthPrompt, answer: string, { allowPrivate }: FieldRules): string {
	const url = destination(prompt, /^https?:\/\//i.test(answer) ? answer : `https://${answer}`, allowPrivate);
	if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.protocol !== 'https:')
		throw fault(prompt, `only the host, such as ${example(prompt)}.`);
	return url.host;
}

function destination(prompt: AuthPrompt, address: string, allowPrivate: boolean): URL {
	try {
		return checkDestination(address, { allowPrivate });
	} catch (error) {
		if (!(error instanceof AppError)) throw error;
		throw fault(prompt, error.message);
	}
}

function example({ placeholder = '' }: AuthPrompt): string {
	return placeholder.replace(/^e\.g\.\s*/i, '') || 'my-name';
}

function fault({ message }: AuthPrompt, words: string): AppError {
	return new AppError('invalid', `${message}: ${words}`);
}

function wordsForUnknown({ name }: Asked, unknown: string, asked: AuthPrompt[]): string {
	const known = asked.length === 0 ? 'It takes a key alone.' : `It takes ${asked.map(({ key }) => key).join(', ')}.`;
	return `${name} has no field "${unknown}". ${known}`;
}
