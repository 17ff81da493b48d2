import { expect, test } from 'vitest';
import { type ConnectionView, connectionView, type ModelChoice } from '#shared/providers.ts';
import { markTrouble } from './markTrouble.ts';

const choice = (providerId: string, modelId: string): ModelChoice => ({
	providerId,
	providerName: providerId,
	modelId,
	modelName: modelId,
	scripted: false,
	trouble: null,
});
const MODELS = [choice('anthropic', 'a'), choice('anthropic', 'b'), choice('openai', 'c')];

const changed = (part: Partial<ConnectionView>) => ({
	type: 'connection.changed' as const,
	connection: connectionView.parse({
		id: 'c1',
		providerId: 'anthropic',
		providerName: 'Anthropic',
		label: 'Work',
		authType: 'api',
		status: 'error',
		reason: 'key_rejected',
		errorMessage: 'Anthropic rejected the key.',
		lastFour: null,
		delivery: 'direct',
		preferred: true,
		scripted: false,
		baseUrl: null,
		fields: {},
		wellKnown: null,
		lastUsedAt: null,
		createdAt: '2026-01-01T00:00:00.000Z',
		updatedAt: '2026-01-01T00:00:00.000Z',
		projectCount: 1,
		active: true,
		account: null,
		retryAt: null,
		problemAt: null,
		problemProjectId: null,
		problemProjectName: null,
		position: 1,
		legacy: false,
		...part,
	}),
});

test('the models of a provider in trouble say why, and those of others do not', () => {
	const marked = markTrouble(MODELS, changed({}));
	const trouble = { status: 'error', reason: 'key_rejected', message: 'Anthropic rejected the key.' };
	expect(marked.map((model) => model.trouble)).toEqual([trouble, trouble, null]);
});

test('the mark goes when the provider works again', () => {
	const marked = markTrouble(MODELS, changed({}));
	const cured = markTrouble(marked, changed({ status: 'connected', reason: null, errorMessage: null }));
	expect(cured).toEqual(MODELS);
});

test('a limit is marked although the account is in order, a missing test is not', () => {
	const reasons = (['rate_limited', 'not_tested'] as const).map(
		(reason) => markTrouble(MODELS, changed({ status: 'connected', reason }))[0]?.trouble?.reason,
	);
	expect(reasons).toEqual(['rate_limited', undefined]);
});

test('an account that projects do not use marks nothing', () => {
	expect(markTrouble(MODELS, changed({ active: false }))).toBe(MODELS);
	expect(markTrouble(MODELS, { type: 'hello', version: '1' })).toBe(MODELS);
});
