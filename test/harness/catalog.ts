import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plainModel } from '#server/opencode/catalogModels.ts';
import { OPENCODE_VERSION } from '#server/opencode/server.ts';

type Planted = { id: string; name: string; api: string; env: string[] };

/**
 * Gives a data folder a catalogue of these providers alone, before doce starts on it: known providers, with their own
 * environment variables, at addresses of ours. Returns how to take it away again, so that no other test inherits it.
 */
export function plantCatalog(dataDir: string, providers: Planted[]): () => void {
	const file = join(dataDir, 'cache', `catalog-${OPENCODE_VERSION}.json`);
	mkdirSync(join(dataDir, 'cache'), { recursive: true });
	const listed = providers.map((provider) => ({
		...provider,
		npm: '@ai-sdk/openai-compatible',
		authMethods: [],
		models: [plainModel('fake-1')],
	}));
	writeFileSync(file, JSON.stringify({ fetchedAt: Date.now(), providers: listed }));
	return () => rmSync(file, { force: true });
}
