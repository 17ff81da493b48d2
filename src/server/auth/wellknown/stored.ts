import { z } from 'zod';
import { catalogModel } from '#server/opencode/catalogModels.ts';

/** A model of a document. `upstreamId` is the name the endpoint knows it by, where that is another one. */
export const wellKnownModel = catalogModel.extend({ upstreamId: z.string().optional() });
export type WellKnownModel = z.infer<typeof wellKnownModel>;

/** doce's copy of what an organisation's document says of one provider: projects work from it, never from the document. */
export const storedWellKnown = z.object({
	/** The organisation's address. */
	url: z.string(),
	/** The name that stands for the token, as `{env:NAME}`. */
	envName: z.string(),
	/** Where the rest of the document lies, if the token is shown there. */
	tokenShownAt: z.string().nullable(),
	npm: z.string().nullable(),
	/** Options beside address, key and headers; `{env:NAME}` stands where the token belongs. */
	options: z.record(z.string(), z.json()),
	models: z.array(wellKnownModel),
	/** If set, no other models. */
	only: z.array(z.string()).nullable(),
	without: z.array(z.string()),
	/** Epoch milliseconds. */
	readAt: z.number(),
});
export type StoredWellKnown = z.infer<typeof storedWellKnown>;

type Listed = { id: string; name: string; provider?: { npm?: string | undefined } | undefined };

/** The models of a configured provider: those of the document, and those that its provider is known to have. */
export function modelsOfWellKnown<T extends Listed>(
	stored: Pick<StoredWellKnown, 'models' | 'only' | 'without'>,
	listed: readonly T[],
): (WellKnownModel | T)[] {
	const own = new Set(stored.models.map(({ id }) => id));
	return [...stored.models, ...listed.filter(({ id }) => !own.has(id)).map(withoutAddress)].filter(
		({ id }) => (stored.only?.includes(id) ?? true) && !stored.without.includes(id),
	);
}

/** The name by which the endpoint knows a model. */
export function upstreamIdOf(model: { id: string; upstreamId?: string | undefined }): string {
	return model.upstreamId ?? model.id;
}

/** The origins that the stored configuration sends the token to, beside that of the base URL. */
export function originsOfWellKnown({ options, models, tokenShownAt }: StoredWellKnown): string[] {
	const addresses = [
		...addressesIn(options),
		...models.flatMap(({ provider }) => provider?.api ?? []),
		...(tokenShownAt === null ? [] : [tokenShownAt]),
	];
	return [...new Set(addresses.map((address) => new URL(address).origin))];
}

/** Every text in a value that is a web address. */
export function addressesIn(value: unknown): string[] {
	return textsIn(value).filter((text) => /^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim()));
}

/** Every text in a value, also in what it holds. */
export function textsIn(value: unknown): string[] {
	if (typeof value === 'string') return [value];
	if (typeof value !== 'object' || value === null) return [];
	return Object.values(value).flatMap(textsIn);
}

/** What the catalogue says of a model's own address does not hold where the document gives one. */
function withoutAddress<T extends Listed>(model: T): T {
	const npm = model.provider?.npm;
	return { ...model, provider: npm === undefined ? undefined : { npm } };
}
