import { describe, expect, it } from 'vitest';
import { customFormInput, customId, emptyCustomForm } from './customForm.ts';

const FILLED = {
	...emptyCustomForm('Büro Server 2'),
	baseURL: 'http://localhost:1234/v1',
	models: ' qwen \n\nqwen\nllama ',
};

describe('a custom endpoint', () => {
	it('takes its id from the name until it is given one', () => {
		expect(customId(FILLED)).toBe('buro-server-2');
		expect(customId({ ...FILLED, id: 'office' })).toBe('office');
	});

	it('sends each model once, with the name that was loaded', () => {
		const checked = customFormInput(FILLED, { llama: 'Llama 3' }, false);
		expect(checked).toMatchObject({
			ok: true,
			input: { custom: { models: [{ id: 'qwen' }, { id: 'llama', name: 'Llama 3' }] } },
		});
	});

	it('leaves out what was left empty', () => {
		const headers = [{ key: 0, name: '', value: 'lost' }];
		const checked = customFormInput({ ...FILLED, headers }, {}, false);
		expect(checked.ok && Object.keys(checked.input.custom ?? {})).toEqual(['name', 'baseURL', 'models', 'format']);
		expect(checked.ok && Object.keys(checked.input)).toEqual(['providerId', 'authType', 'custom']);
	});

	it('sends headers, the key and the word that it is local', () => {
		const headers = [{ key: 0, name: ' X-Team ', value: ' red ' }];
		const checked = customFormInput({ ...FILLED, headers, apiKey: ' k ', local: true }, {}, true);
		expect(checked).toMatchObject({
			ok: true,
			input: { apiKey: 'k', skipTest: true, custom: { headers: { 'X-Team': 'red' }, local: true } },
		});
	});

	it('says what is wrong at the field where it is', () => {
		const headers = [{ key: 0, name: 'X Team', value: 'red' }];
		const checked = customFormInput({ ...emptyCustomForm('日本'), headers }, {}, false);
		expect(checked).toMatchObject({
			ok: false,
			errors: {
				id: expect.stringContaining('lower-case'),
				baseURL: 'Give the address of the endpoint.',
				headers: expect.any(String),
				models: expect.stringContaining('at least one model'),
			},
		});
		expect(checked.ok ? [] : Object.keys(checked.errors)).not.toContain('name');
	});
});
