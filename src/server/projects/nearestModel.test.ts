import { describe, expect, it } from 'vitest';
import { nearestModel } from './nearestModel.ts';

const ids = (...names: string[]) => names.map((id) => ({ id }));

describe('the nearest model', () => {
	it('is the same one, under whichever name a provider has for it', () => {
		const offered = ids('openai/gpt-5', 'anthropic/claude-sonnet-4.5', 'anthropic/claude-opus-4');
		expect(nearestModel(offered, 'claude-sonnet-4-5-20250929')?.id).toBe('anthropic/claude-sonnet-4.5');
		expect(nearestModel(ids('a', 'gpt-5'), 'gpt-5')?.id).toBe('gpt-5');
	});

	it('is else the best of its family, and else the best there is', () => {
		const offered = ids('gpt-5', 'claude-sonnet-4', 'claude-sonnet-3-7');
		expect(nearestModel(offered, 'claude-sonnet-4-5')?.id).toBe('claude-sonnet-4');
		expect(nearestModel(offered, 'some-local-model')?.id).toBe('gpt-5');
		expect(nearestModel([], 'gpt-5')).toBeUndefined();
	});
});
