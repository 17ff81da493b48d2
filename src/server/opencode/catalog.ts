import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '#server/logger.ts';
import { catalogProvider, runForCatalog } from './catalogRun.ts';
import { OPENCODE_VERSION } from './server.ts';

const catalogData = z.object({
	/** Epoch milliseconds. */
	fetchedAt: z.number(),
	providers: z.array(catalogProvider),
});
/** Every provider OpenCode knows, with its models and ways to sign in. Nothing in it is secret. */
export type CatalogData = z.infer<typeof catalogData>;
export type CatalogProvider = CatalogData['providers'][number];

/** The provider catalogue, taken from OpenCode itself and kept in a file. */
export type Catalog = {
	get(): Promise<CatalogData>;
	find(providerId: string): Promise<CatalogProvider | undefined>;
	/** Asks OpenCode again; without a network what there is stays. Several calls at once are one. */
	refresh(): Promise<CatalogData>;
};

const DAY = 86_400_000;
/** How soon a renewal that brought nothing is tried again, in ms. */
const HOUR = 3_600_000;

type Options = {
	dataDir: string;
	logger: Logger;
	now?: () => number;
	/** Where OpenCode looks for the newest models. */
	modelsUrl?: string;
	/** Paths of extra plugins, whose providers are listed too; only tests have some. */
	plugins?: string[] | undefined;
};

/**
 * Reads the file under `dataDir`, or makes it by one short run of OpenCode. One that is older than a day, when it is
 * first needed or later, is renewed in the background.
 */
export function createCatalog({ dataDir, logger, now = Date.now, modelsUrl, plugins }: Options): Catalog {
	const file = join(dataDir, 'cache', fileName(plugins));
	let current: CatalogData | undefined;
	let loading: Promise<CatalogData> | undefined;
	let renewing: Promise<CatalogData> | undefined;
	let nextTry = 0;

	const refresh = (): Promise<CatalogData> => {
		nextTry = now() + HOUR;
		renewing ??= renew().finally(() => {
			renewing = undefined;
		});
		return renewing;
	};

	async function renew(): Promise<CatalogData> {
		const known = current ?? (await readStored(file));
		const { providers, isNewest } = await runForCatalog({ modelsUrl, plugins });
		current = known !== undefined && !isNewest ? known : { fetchedAt: now(), providers };
		if (current !== known) await store(file, current);
		return current;
	}

	function renewWhenOld({ fetchedAt }: CatalogData): void {
		if (now() < Math.max(fetchedAt + DAY, nextTry)) return;
		refresh().catch((error: unknown) => {
			logger.warn({ err: error }, 'The provider catalogue could not be renewed; the stored one stays.');
		});
	}

	async function get(): Promise<CatalogData> {
		loading ??= load().finally(() => {
			loading = undefined;
		});
		const found = current ?? (await loading);
		renewWhenOld(found);
		return found;
	}

	async function load(): Promise<CatalogData> {
		current ??= await readStored(file);
		return current ?? refresh();
	}

	return { get, refresh, find: async (providerId) => (await get()).providers.find(({ id }) => id === providerId) };
}

/** Another version of OpenCode has another catalogue, and so has one with other plugins. */
function fileName(plugins: string[] = []): string {
	const own = plugins.length === 0 ? '' : `-${createHash('sha256').update(plugins.join()).digest('hex').slice(0, 16)}`;
	return `catalog-${OPENCODE_VERSION}${own}.json`;
}

/** A file that is missing or that nobody understands any more is made anew. */
async function readStored(file: string): Promise<CatalogData | undefined> {
	try {
		return catalogData.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
	} catch (error) {
		if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

async function store(file: string, data: CatalogData): Promise<void> {
	await mkdir(dirname(file), { recursive: true, mode: 0o700 });
	await writeFile(`${file}.tmp`, JSON.stringify(data));
	await rename(`${file}.tmp`, file);
}
