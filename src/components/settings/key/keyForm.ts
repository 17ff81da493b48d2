import { askedPrompts } from '#shared/prompts.ts';
import type { AuthPrompt, AvailableProvider, ConnectProviderInput } from '#shared/providers.ts';

export type KeyForm = { apiKey: string; label: string; inputs: Record<string, string>; local: boolean };

type Checked = { ok: true; input: ConnectProviderInput } | { ok: false; message: string };

/** OpenCode's own provider has models that answer without a key, and the demo is no model at all. */
export function takesNoKey({ id, scripted }: Pick<AvailableProvider, 'id' | 'scripted'>): boolean {
	return scripted || id === 'opencode';
}

/** What a provider asks for beside the key. */
export function promptsOf(provider: AvailableProvider | undefined): AuthPrompt[] {
	return provider?.authMethods.find((method) => method.type === 'api')?.prompts ?? [];
}

/** A refusal of one field starts with its question: which field that is, and what is wrong with it. */
export function fieldFault(prompts: AuthPrompt[], message: string | undefined): { key: string; words: string } | null {
	const prompt = prompts.find((one) => message?.startsWith(`${one.message}: `));
	return prompt === undefined || message === undefined
		? null
		: { key: prompt.key, words: upperFirst(message.slice(prompt.message.length + 2)) };
}

/** The answers to what is asked, or the question that has none. */
export function readAnswers(
	prompts: AuthPrompt[],
	inputs: Record<string, string>,
): { missing: AuthPrompt } | { answers: Record<string, string> } {
	const asked = askedPrompts(prompts, inputs);
	const missing = asked.find((prompt) => !prompt.optional && !inputs[prompt.key]?.trim());
	if (missing !== undefined) return { missing };
	const given = asked.map((prompt) => [prompt.key, inputs[prompt.key]?.trim() ?? '']);
	return { answers: Object.fromEntries(given.filter(([, answer]) => answer !== '')) };
}

/** What to send, or what is missing in words. */
export function keyFormInput(
	provider: AvailableProvider,
	prompts: AuthPrompt[],
	form: KeyForm,
	skipTest: boolean,
): Checked {
	const read = readAnswers(prompts, form.inputs);
	if ('missing' in read) return { ok: false, message: `${read.missing.message}: answer this first.` };
	const apiKey = form.apiKey.trim();
	if (apiKey === '' && !takesNoKey(provider)) return { ok: false, message: 'Paste the API key first.' };
	const label = form.label.trim();
	return {
		ok: true,
		input: {
			providerId: provider.id,
			authType: 'api',
			...(apiKey === '' ? {} : { apiKey }),
			...(label === '' ? {} : { label }),
			...(Object.keys(read.answers).length === 0 ? {} : { metadata: read.answers }),
			...(form.local ? { local: true } : {}),
			...(skipTest ? { skipTest } : {}),
		},
	};
}

function upperFirst(words: string): string {
	return words.slice(0, 1).toUpperCase() + words.slice(1);
}
