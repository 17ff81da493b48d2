import { stat } from 'node:fs/promises';
import { type CatalogProvider, readCatalogFile } from '../../opencode/catalog.ts';
import type { CatalogModel } from '../../opencode/catalogModels.ts';

/** How soon the file is looked at again, in ms. */
const LOOK_AGAIN = 1_000;

/** The catalogue as the server keeps it in a file: read, and never asked for. */
export type Directory = {
	find(providerId: string): Promise<CatalogProvider | undefined>;
};

export function createDirectory(file: string): Directory {
	let providers = new Map<string, CatalogProvider>();
	let changedAt = 0;
	let nextLook = 0;
	let looking: Promise<void> | undefined;

	async function look(): Promise<void> {
		const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
			if (error.code === 'ENOENT') return undefined;
			throw error;
		});
		nextLook = Date.now() + LOOK_AGAIN;
		if (found === undefined || found.mtimeMs === changedAt) return;
		const data = await readCatalogFile(file);
		providers = new Map((data?.providers ?? []).map((provider) => [provider.id, provider]));
		changedAt = found.mtimeMs;
	}

	return {
		async find(providerId) {
			if (Date.now() >= nextLook) {
				looking ??= look().finally(() => {
					looking = undefined;
				});
				await looking;
			}
			return providers.get(providerId);
		},
	};
}

/**
 * What a model costs. One that the catalogue does not have costs as much as its provider's dearest: an unknown name
 * must not be a way round a budget.
 */
export function costOf(provider: CatalogProvider | undefined, modelId: string | undefined): CatalogModel['cost'] {
	const models = provider?.models ?? [];
	const known = models.find(({ id }) => id === modelId);
	if (known !== undefined) return known.cost;
	return models
		.flatMap(({ cost }) => cost ?? [])
		.reduce<CatalogModel['cost']>(
			(one, other) => (one === undefined || other.output > one.output ? other : one),
			undefined,
		);
}
