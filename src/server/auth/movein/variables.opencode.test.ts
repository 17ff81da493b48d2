import { expect, test } from 'vitest';
import { isKeyVariable } from '#server/config.ts';
import { runForCatalog } from '#server/opencode/catalogRun.ts';
import { moveInProviders, providersOf } from './variables.ts';

/** They authenticate with a file of the cloud's own, which is no key. */
const WITHOUT_KEY = ['google-vertex', 'google-vertex-anthropic'];

test('of every provider that OpenCode lists, doce knows the variable that holds the key', async () => {
	// A port that nobody listens at: the list that OpenCode was built with.
	const { providers: listed } = await runForCatalog({ modelsUrl: 'http://127.0.0.1:9' });
	const providers = moveInProviders({ fetchedAt: 0, providers: listed });
	expect(providers.length).toBeGreaterThan(50);
	const unknown = providers.filter(({ env }) => env.length > 0 && !env.some(isKeyVariable));
	expect(
		unknown.map(({ id, env }) => `${id}: ${env}`).filter((line) => !WITHOUT_KEY.includes(line.split(':')[0] ?? '')),
	).toEqual([]);
	const likeliest = (name: string) => providersOf(providers, name)[0]?.id;
	expect(
		['ANTHROPIC_API_KEY', 'GEMINI_API_KEY', 'OPENCODE_API_KEY', 'MOONSHOT_API_KEY', 'MINIMAX_API_KEY', 'HF_TOKEN'].map(
			likeliest,
		),
	).toEqual(['anthropic', 'google', 'opencode', 'moonshotai', 'minimax', 'huggingface']);
	expect(likeliest('AWS_SECRET_ACCESS_KEY')).toBeUndefined();
});
