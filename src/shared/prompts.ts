import type { AuthPrompt } from './providers.ts';

/** The prompts that apply to what was answered so far. */
export function askedPrompts(prompts: readonly AuthPrompt[], answers: Record<string, string>): AuthPrompt[] {
	return prompts.filter(({ when }) => {
		if (when === undefined) return true;
		const same = answers[when.key] === when.value;
		return when.op === 'eq' ? same : !same;
	});
}

/** Whether an answer is a web address; the same names in every provider's list. */
export function asksForAddress({ type, key }: Pick<AuthPrompt, 'type' | 'key'>): boolean {
	return type === 'text' && /url$/i.test(key);
}
