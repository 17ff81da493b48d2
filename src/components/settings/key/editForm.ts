import type { AuthPrompt, ConnectionView, UpdateProviderConnectionInput } from '#shared/providers.ts';
import { readAnswers } from './keyForm.ts';

export type EditForm = { label: string; apiKey: string; inputs: Record<string, string> };

type Checked = { ok: true; input: UpdateProviderConnectionInput; tested: boolean } | { ok: false; message: string };

export function editFormOf({ label, fields }: Pick<ConnectionView, 'label' | 'fields'>): EditForm {
	return { label, apiKey: '', inputs: fields };
}

/** What changed, to be sent; `tested` when it is tried at the provider first. */
export function editFormInput(
	connection: Pick<ConnectionView, 'id' | 'label' | 'fields'>,
	prompts: AuthPrompt[],
	form: EditForm,
	skipTest: boolean,
): Checked {
	const read = readAnswers(prompts, form.inputs);
	if ('missing' in read) return { ok: false, message: `${read.missing.message}: answer this first.` };
	const label = form.label.trim();
	const apiKey = form.apiKey.trim();
	const isOther = prompts.length > 0 && !sameFields(read.answers, connection.fields);
	const tested = apiKey !== '' || isOther;
	return {
		ok: true,
		tested,
		input: {
			connectionId: connection.id,
			...(label === connection.label ? {} : { label }),
			...(apiKey === '' ? {} : { apiKey }),
			...(isOther ? { metadata: read.answers } : {}),
			...(tested ? { skipTest } : {}),
		},
	};
}

function sameFields(one: Record<string, string>, other: Record<string, string>): boolean {
	const names = new Set([...Object.keys(one), ...Object.keys(other)]);
	return [...names].every((name) => one[name] === other[name]);
}
