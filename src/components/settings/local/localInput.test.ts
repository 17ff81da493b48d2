import { expect, test } from 'vitest';
import { connectProviderInput } from '#shared/providers.ts';
import { localInput, modelWords } from './localInput.ts';

const models = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, name: id }));
const FOUND = {
	name: 'LM Studio',
	baseUrl: 'http://127.0.0.1:1234/v1',
	fault: null,
	cure: null,
	command: null,
	connected: false,
};

test('a found server is a custom endpoint with its own models', () => {
	const input = localInput({ ...FOUND, kind: 'lmstudio', models });
	expect(connectProviderInput.parse(input)).toEqual(input);
	expect(input).toMatchObject({
		providerId: 'lm-studio',
		custom: { baseURL: FOUND.baseUrl, local: true, format: 'chat-completions', models },
	});
});

test('its models are named, and the rest counted', () => {
	expect(modelWords({ models })).toBe('a, b, c, 2 more');
	expect(modelWords({ models: models.slice(0, 1) })).toBe('a');
});
