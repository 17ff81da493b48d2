import { describe, expect, it } from 'vitest';
import { type AuthPrompt, connectProviderInput } from '#shared/providers.ts';
import { PROVIDERS } from '../showcase/fixtures.ts';
import { fieldFault, keyFormInput, promptsOf, readAnswers } from './keyForm.ts';

const find = (id: string) => {
	const found = PROVIDERS.find((provider) => provider.id === id);
	if (found === undefined) throw new Error(`No fixture ${id}.`);
	return found;
};
const empty = { apiKey: '', label: '', inputs: {}, local: false };

const PROMPTS: AuthPrompt[] = [
	{ type: 'select', key: 'kind', message: 'Which kind?', options: [{ label: 'Own', value: 'own' }] },
	{ type: 'text', key: 'host', message: 'Which host?', when: { key: 'kind', op: 'eq', value: 'own' } },
	{ type: 'text', key: 'team', message: 'Which team?', when: { key: 'kind', op: 'neq', value: 'own' } },
];

describe('the key step', () => {
	it('sends a trimmed key and nothing that was left empty', () => {
		const checked = keyFormInput(find('anthropic'), [], { ...empty, apiKey: '  sk-1 \n' }, false);
		expect(checked).toEqual({ ok: true, input: { providerId: 'anthropic', authType: 'api', apiKey: 'sk-1' } });
	});

	it('asks for the key before anything is sent', () => {
		expect(keyFormInput(find('anthropic'), [], empty, false)).toEqual({
			ok: false,
			message: 'Paste the API key first.',
		});
	});

	it('needs no key for the demo and for free models', () => {
		expect(keyFormInput(find('doce-demo'), [], empty, false)).toMatchObject({ ok: true });
		expect(keyFormInput(find('opencode'), [], empty, false)).toMatchObject({ ok: true });
	});

	it('takes an optional answer or none, and an admin’s word for a private address', () => {
		const region: AuthPrompt[] = [{ type: 'text', key: 'region', message: 'AWS region', optional: true }];
		expect(readAnswers(region, { region: ' ' })).toEqual({ answers: {} });
		const checked = keyFormInput(find('azure'), region, { ...empty, apiKey: 'sk-1', local: true }, false);
		expect(checked).toEqual({ ok: true, input: { providerId: 'azure', authType: 'api', apiKey: 'sk-1', local: true } });
		expect(promptsOf(find('azure')).map(({ key }) => key)).toEqual(['resourceName']);
		expect(promptsOf(undefined)).toEqual([]);
	});

	it('finds the field that a refusal is about', () => {
		expect(fieldFault(PROMPTS, 'Which host?: only the host.')).toEqual({ key: 'host', words: 'Only the host.' });
		expect(fieldFault(PROMPTS, 'Anthropic rejected the key.')).toBeNull();
		expect(fieldFault(PROMPTS, undefined)).toBeNull();
	});

	it('names the prompt that has no answer, and leaves out answers to what is not asked any more', () => {
		const inputs = { kind: 'own', team: 'red' };
		const form = { ...empty, apiKey: 'sk-1', label: 'Work', inputs };
		expect(keyFormInput(find('azure'), PROMPTS, form, false)).toEqual({
			ok: false,
			message: 'Which host?: answer this first.',
		});
		const checked = keyFormInput(find('azure'), PROMPTS, { ...form, inputs: { ...inputs, host: ' h ' } }, true);
		expect(checked).toMatchObject({
			ok: true,
			input: { metadata: { kind: 'own', host: 'h' }, label: 'Work', skipTest: true },
		});
		if (checked.ok) expect(connectProviderInput.parse(checked.input)).toEqual(checked.input);
	});
});
