import { z } from 'zod';

const medium = z.enum(['text', 'audio', 'image', 'video', 'pdf']);
type Medium = z.infer<typeof medium>;

const price = z.object({
	/** US dollars for a million tokens. */
	input: z.number(),
	output: z.number(),
	cache_read: z.number().optional(),
	cache_write: z.number().optional(),
});

const interleaved = z.union([z.boolean(), z.object({ field: z.string() })]);

/** One model in the shape of models.dev, which is what OpenCode reads. Limits are tokens. */
export const catalogModel = z.object({
	id: z.string(),
	name: z.string(),
	family: z.string().optional(),
	release_date: z.string(),
	attachment: z.boolean(),
	reasoning: z.boolean(),
	temperature: z.boolean(),
	tool_call: z.boolean(),
	interleaved: interleaved.optional(),
	limit: z.object({ context: z.number(), input: z.number().optional(), output: z.number() }),
	cost: price.extend({ context_over_200k: price.optional() }).optional(),
	modalities: z.object({ input: z.array(medium), output: z.array(medium) }),
	status: z.enum(['beta']).optional(),
	/** Where this model differs from its provider. */
	provider: z.object({ npm: z.string().optional(), api: z.string().optional() }).optional(),
});
export type CatalogModel = z.infer<typeof catalogModel>;

const media = z.partialRecord(medium, z.boolean());

const cost = z.object({
	input: z.number(),
	output: z.number(),
	cache: z.object({ read: z.number(), write: z.number() }).optional(),
});

/** A model as an OpenCode server lists it: no options, headers or anything else that a key could be in. */
export const listedModel = z.object({
	id: z.string(),
	name: z.string(),
	family: z.string().optional(),
	api: z.object({ id: z.string(), url: z.string(), npm: z.string() }),
	status: z.string(),
	release_date: z.string(),
	capabilities: z.object({
		temperature: z.boolean(),
		reasoning: z.boolean(),
		attachment: z.boolean(),
		toolcall: z.boolean(),
		input: media,
		output: media,
		interleaved,
	}),
	limit: z.object({ context: z.number(), input: z.number().optional(), output: z.number() }),
	cost: cost.extend({ experimentalOver200K: cost.optional() }).optional(),
});
export type ListedModel = z.infer<typeof listedModel>;

/** A model that is known by nothing but its name, such as one of a custom endpoint: it gets common limits. */
export function plainModel(id: string, name = id): CatalogModel {
	return {
		id,
		name,
		release_date: '',
		attachment: false,
		reasoning: false,
		temperature: true,
		tool_call: true,
		limit: { context: 128_000, output: 8_192 },
		modalities: { input: ['text'], output: ['text'] },
	};
}

/** Turns a listed model back into the models.dev shape. `common` is what its provider's models have in common. */
export function toCatalogModel(model: ListedModel, common: { npm: string; api: string | null }): CatalogModel {
	const can = model.capabilities;
	const provider = {
		...(model.api.npm !== common.npm && { npm: model.api.npm }),
		...(model.api.url !== (common.api ?? '') && { api: model.api.url }),
	};
	return {
		id: model.id,
		name: model.name,
		...(model.family !== undefined && { family: model.family }),
		release_date: model.release_date,
		attachment: can.attachment,
		reasoning: can.reasoning,
		temperature: can.temperature,
		tool_call: can.toolcall,
		...(can.interleaved !== false && { interleaved: can.interleaved }),
		limit: model.limit,
		...(model.cost && { cost: toPrices(model.cost) }),
		modalities: { input: toMedia(can.input), output: toMedia(can.output) },
		...(model.status === 'beta' && { status: 'beta' as const }),
		...(Object.keys(provider).length > 0 && { provider }),
	};
}

/** OpenCode leaves out old and unfinished models, and lists some twice under a made-up id that only it can resolve. */
export function isUsable(model: ListedModel): boolean {
	return model.status !== 'deprecated' && model.status !== 'alpha' && model.api.id === model.id;
}

function toPrices(listed: NonNullable<ListedModel['cost']>): NonNullable<CatalogModel['cost']> {
	const over = listed.experimentalOver200K;
	return { ...toPrice(listed), ...(over && { context_over_200k: toPrice(over) }) };
}

function toPrice({ input, output, cache }: z.infer<typeof cost>): z.infer<typeof price> {
	return { input, output, ...(cache && { cache_read: cache.read, cache_write: cache.write }) };
}

function toMedia(flags: z.infer<typeof media>): Medium[] {
	return medium.options.filter((name) => flags[name]);
}
