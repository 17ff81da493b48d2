import { expect, test } from 'vitest';
import { connectProviderInput } from '#shared/providers.ts';
import type { WellKnownPreview } from '#shared/wellKnown.ts';
import { connectable, connectInputs, EMPTY_FORM, missingWords, providerWords } from './wellKnownForm.ts';

const model = (id: string) => ({ id, name: id.toUpperCase() });
const PREVIEW: WellKnownPreview = {
	url: 'https://corp.example',
	envName: 'CORP_TOKEN',
	command: 'corp login',
	providers: [
		{
			id: 'corp',
			name: 'Corp',
			baseUrl: 'https://llm.corp.example/v1',
			models: ['a', 'b', 'c', 'd'].map(model),
			unavailable: null,
		},
		{ id: 'anthropic', name: 'Anthropic', baseUrl: null, models: [], unavailable: null },
		{ id: 'odd', name: 'Odd', baseUrl: null, models: [], unavailable: 'Its address is none.' },
	],
	leftOut: [],
	needsToken: false,
	tokenShownAt: null,
};

test('only what can be connected is sent, one connection each, with the same token', () => {
	expect(connectable(PREVIEW).map(({ id }) => id)).toEqual(['corp', 'anthropic']);
	const form = { ...EMPTY_FORM, token: ' t-1 \n', local: true, chosen: ['odd', 'anthropic', 'corp'] };
	const inputs = connectInputs(PREVIEW, form, true);
	const common = { authType: 'wellknown', url: 'https://corp.example', token: 't-1', local: true, skipTest: true };
	expect(inputs).toEqual([
		{ providerId: 'corp', ...common },
		{ providerId: 'anthropic', ...common },
	]);
	for (const input of inputs) expect(connectProviderInput.parse(input)).toEqual(input);
	expect(connectInputs(PREVIEW, { ...EMPTY_FORM, chosen: ['corp'], label: ' Team ' }, false)[0]).toMatchObject({
		label: 'Team',
	});
});

test('what is missing is said before anything is sent', () => {
	expect(missingWords(PREVIEW, EMPTY_FORM)).toBe('Choose at least one provider.');
	expect(missingWords(PREVIEW, { ...EMPTY_FORM, chosen: ['corp'], token: ' ' })).toBe('Paste the token first.');
	expect(missingWords({ ...PREVIEW, needsToken: true }, { ...EMPTY_FORM, token: 't' })).toBeNull();
});

test('a provider is one line: where it is and what it offers', () => {
	const [corp, anthropic] = PREVIEW.providers.map(providerWords);
	expect(corp).toBe('https://llm.corp.example/v1 · A, B, C, 1 more');
	expect(anthropic).toBe('The provider’s own address · no models');
});
