import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { authPrompt, authType } from '#shared/providers.ts';
import { catalogModel, isUsable, type ListedModel, listedModel, toCatalogModel } from './catalogModels.ts';
import { type ShortServer, startShortServer } from './errand/shortServer.ts';
import { openCodeAuthorization } from './server.ts';

export const catalogProvider = z.object({
	id: z.string(),
	name: z.string(),
	/** The AI SDK package of most of its models. */
	npm: z.string(),
	/** The base URL, where it is not the SDK's own. May hold `${VARIABLE}`s, named in `env`. */
	api: z.string().nullable(),
	env: z.array(z.string()),
	/** Only what OpenCode lists; a provider without any takes an API key. */
	authMethods: z.array(z.object({ type: authType, label: z.string(), prompts: z.array(authPrompt) })),
	models: z.array(catalogModel),
});
type CatalogProvider = z.infer<typeof catalogProvider>;

/** A start of OpenCode and one list of all its providers, in ms, on a slow machine. */
const RUN_TIMEOUT = 60_000;
/** How long the newest list of models may take to come from the network, in ms. */
const NETWORK_TIMEOUT = 12_000;

/**
 * Starts OpenCode in an empty home, lets it list what it knows, and ends it. `isNewest` tells whether the models came
 * from the network; otherwise they are those that OpenCode was built with. `modelsUrl` replaces the public address,
 * `plugins` are paths of extra plugins; only tests have some.
 */
export async function runForCatalog(options: {
	modelsUrl?: string | undefined;
	plugins?: string[] | undefined;
}): Promise<{ providers: CatalogProvider[]; isNewest: boolean }> {
	const { modelsUrl, plugins } = options;
	const home = await mkdtemp(join(tmpdir(), 'doce-catalog-'));
	const env = modelsUrl === undefined ? {} : { OPENCODE_MODELS_URL: modelsUrl };
	const signal = AbortSignal.timeout(RUN_TIMEOUT);
	try {
		const server = await startShortServer({ home, plugins, wholeCatalog: true, env }, signal);
		try {
			const isNewest = await waitForNetwork(home, server, signal);
			return { providers: await readLists(server.address, signal), isNewest };
		} finally {
			await server.stop();
		}
	} finally {
		await rm(home, { recursive: true, force: true, maxRetries: 5 });
	}
}

/** OpenCode fetches the list by itself when it starts: a file tells that it came, a line in the log that it did not. */
async function waitForNetwork(home: string, server: ShortServer, signal: AbortSignal): Promise<boolean> {
	const deadline = Date.now() + NETWORK_TIMEOUT;
	while (Date.now() < deadline && !server.hasEnded() && !server.printed().includes('Failed to fetch models.dev')) {
		const files = await readdir(join(home, 'cache', 'opencode'));
		if (files.some((name) => /^models.*\.json$/.test(name))) return true;
		await sleep(50, undefined, { signal });
	}
	return false;
}

const providerList = z.object({
	all: z.array(
		z.object({ id: z.string(), name: z.string(), env: z.array(z.string()), models: z.record(z.string(), listedModel) }),
	),
});
const authList = z.record(
	z.string(),
	z.array(z.object({ type: authType, label: z.string(), prompts: z.array(authPrompt).default([]) })),
);

async function readLists(
	address: { port: number; password: string; directory: string },
	signal: AbortSignal,
): Promise<CatalogProvider[]> {
	const ask = async (path: string): Promise<unknown> => {
		const url = `http://127.0.0.1:${address.port}${path}?directory=${encodeURIComponent(address.directory)}`;
		return (await fetch(url, { headers: openCodeAuthorization(address.password), signal })).json();
	};
	const { all } = providerList.parse(await ask('/provider'));
	const methods = authList.parse(await ask('/provider/auth'));
	return all.flatMap(({ id, name, env, models }) => {
		const usable = Object.values(models).filter(isUsable);
		if (usable.length === 0) return [];
		const common = mostCommon(usable);
		const authMethods = methods[id] ?? [];
		return [{ id, name, env, ...common, authMethods, models: usable.map((model) => toCatalogModel(model, common)) }];
	});
}

/** What most of a provider's models share is taken for the provider's own. */
function mostCommon(models: ListedModel[]): { npm: string; api: string | null } {
	const groups = Map.groupBy(models, ({ api }) => `${api.npm} ${api.url}`);
	const largest = [...groups.values()].reduce((one, other) => (other.length > one.length ? other : one));
	const { npm = '', url = '' } = largest[0]?.api ?? {};
	return { npm, api: url === '' ? null : url };
}
