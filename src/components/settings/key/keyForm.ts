import type { AuthPrompt, AvailableProvider, ConnectProviderInput } from '#shared/providers.ts';

export type KeyForm = { apiKey: string; label: string; inputs: Record<string, string> };

type Checked = { ok: true; input: ConnectProviderInput } | { ok: false; message: string };

/** OpenCode's own provider has models that answer without a key, and the demo is no model at all. */
export function takesNoKey({ id, scripted }: Pick<AvailableProvider, 'id' | 'scripted'>): boolean {
	return scripted || id === 'opencode';
}

/** The prompts that apply to what was answered so far. */
export function shownPrompts(prompts: AuthPrompt[], answers: Record<string, string>): AuthPrompt[] {
	return prompts.filter(({ when }) => {
		if (when === undefined) return true;
		const same = answers[when.key] === when.value;
		return when.op === 'eq' ? same : !same;
	});
}

/** What to send, or what is missing in words. */
export function keyFormInput(
	provider: AvailableProvider,
	prompts: AuthPrompt[],
	form: KeyForm,
	skipTest: boolean,
): Checked {
	const asked = shownPrompts(prompts, form.inputs);
	const missing = asked.find((prompt) => !form.inputs[prompt.key]?.trim());
	if (missing) return { ok: false, message: `Answer “${missing.message}” first.` };
	const apiKey = form.apiKey.trim();
	if (apiKey === '' && !takesNoKey(provider)) return { ok: false, message: 'Paste the API key first.' };
	const label = form.label.trim();
	const answers = asked.map((prompt) => [prompt.key, form.inputs[prompt.key]?.trim() ?? '']);
	return {
		ok: true,
		input: {
			providerId: provider.id,
			authType: 'api',
			...(apiKey === '' ? {} : { apiKey }),
			...(label === '' ? {} : { label }),
			...(asked.length === 0 ? {} : { metadata: Object.fromEntries(answers) }),
			...(skipTest ? { skipTest } : {}),
		},
	};
}
