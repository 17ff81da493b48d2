import { AppError } from '#server/errors.ts';
import type { AuthPrompt } from '#shared/providers.ts';
import { checkDestination } from '../destinations.ts';
import { type Resolve, refusalOfName } from '../probes/call.ts';

const LONGEST = 200;

/** A host that is nothing but a name or an address: one of the plugins hands it to a shell. */
const PLAIN_HOST = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/;
/** A name that becomes a part of a host name, such as a Snowflake account. */
const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

/**
 * The answers to a method's prompts, checked, and without those to questions that are not asked. Throws
 * `AppError('invalid')` that names the question. A text may stay empty: what is required the provider's plugin knows.
 */
export function readInputs(prompts: readonly AuthPrompt[], given: Record<string, string>): Record<string, string> {
	const unknown = Object.keys(given).find((key) => !prompts.some((prompt) => prompt.key === key));
	if (unknown !== undefined) throw new AppError('invalid', 'This sign-in has no such question. Load the page again.');
	const inputs: Record<string, string> = {};
	for (const prompt of prompts) {
		if (!isAsked(prompt, inputs)) continue;
		const value = readAnswer(prompt, given[prompt.key]?.trim() ?? '');
		if (value !== '') inputs[prompt.key] = value;
	}
	return inputs;
}

/**
 * Looks up once, as doce's own calls do, where the hosts among the answers are. Throws `AppError('invalid')` for one
 * that leads to an address of the inside. OpenCode looks it up again for each of its calls, at the sign-in and in the
 * projects: who owns the name can give another answer then, and what stops that is the network around OpenCode alone.
 */
export async function checkHosts(
	prompts: readonly AuthPrompt[],
	inputs: Record<string, string>,
	resolve?: Resolve,
): Promise<void> {
	for (const prompt of prompts) {
		const host = inputs[prompt.key];
		if (host === undefined || !isHost(prompt)) continue;
		const refusal = await refusalOfName(new URL(host), { allowPrivate: false }, resolve);
		if (refusal !== undefined) throw new AppError('invalid', refusal);
	}
}

function isHost({ type, key }: AuthPrompt): boolean {
	return type === 'text' && /url|host|domain/i.test(key);
}

function isAsked({ when }: AuthPrompt, inputs: Record<string, string>): boolean {
	if (when === undefined) return true;
	return (inputs[when.key] === when.value) === (when.op === 'eq');
}

function readAnswer(prompt: AuthPrompt, value: string): string {
	if (prompt.type === 'select') {
		const known = prompt.options?.some((option) => option.value === value);
		if (!known) throw new AppError('invalid', `Choose an answer to “${prompt.message}”.`);
		return value;
	}
	if (value.length > LONGEST || hasControls(value))
		throw new AppError(
			'invalid',
			`The answer to “${prompt.message}” is not one line of at most ${LONGEST} characters.`,
		);
	if (value === '') return value;
	if (isHost(prompt)) return readHost(prompt, value);
	if (/account/i.test(prompt.key)) return readAccount(prompt, value);
	return value;
}

/**
 * The address of a person's own installation. OpenCode itself will call it, by https, so it has to be a public one
 * whose name cannot be taken for anything but a name.
 */
function readHost(prompt: AuthPrompt, value: string): string {
	const url = checkDestination(value.includes('://') ? value : `https://${value}`, { allowPrivate: false });
	if (url.protocol !== 'https:' || !PLAIN_HOST.test(url.host))
		throw new AppError('invalid', `The answer to “${prompt.message}” is not a plain https address.`);
	return url.origin;
}

function readAccount(prompt: AuthPrompt, value: string): string {
	const name = value.replace(/^https?:\/\//i, '').replace(/\.snowflakecomputing\.com\/?$/i, '');
	if (!HOST_LABEL.test(name))
		throw new AppError('invalid', `The answer to “${prompt.message}” has characters that no account name has.`);
	return name;
}

function hasControls(value: string): boolean {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
	return /[\u0000-\u001f\u007f\u2028\u2029]/.test(value);
}
