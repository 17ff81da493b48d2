import { z } from 'zod';
import { AppError } from '#server/errors.ts';
import { catalogModel, plainModel } from '#server/opencode/catalogModels.ts';
import { checkDestination } from '../destinations.ts';
import type { DirectoryProvider } from '../input/directory.ts';
import { requirePackage } from './packages.ts';
import { type WellKnownModel, wellKnownModel } from './stored.ts';

type Rules = {
	/** The models that the catalogue has for this provider. */
	known: DirectoryProvider['models'];
	local: boolean;
	/** The provider has one address for all models. */
	oneAddress: boolean;
};

const MAX_MODELS = 500;

/** Anything that a document says wrongly counts as not said. */
const said = <T extends z.ZodType>(shape: T) => shape.optional().catch(undefined);
const facts = catalogModel.shape;

const modelShape = z.object({
	id: said(z.string().max(200)),
	name: said(z.string().max(200)),
	provider: z.object({ npm: z.string().optional(), api: z.string().optional() }).optional(),
	family: said(facts.family),
	release_date: said(facts.release_date),
	attachment: said(facts.attachment),
	reasoning: said(facts.reasoning),
	temperature: said(facts.temperature),
	tool_call: said(facts.tool_call),
	interleaved: said(facts.interleaved),
	limit: said(facts.limit),
	cost: said(facts.cost),
	modalities: said(facts.modalities),
});

/** The models of a document. Throws `AppError('invalid')` for a package or address that must not be used. */
export function readModels(models: Record<string, unknown>, rules: Rules): WellKnownModel[] {
	return Object.entries(models)
		.slice(0, MAX_MODELS)
		.map(([id, said]) => readModel(id, said, rules));
}

function readModel(id: string, text: unknown, { known, local, oneAddress }: Rules): WellKnownModel {
	const parsed = modelShape.safeParse(text ?? {});
	if (!parsed.success || id === '' || id.length > 200)
		throw new AppError('invalid', `OpenCode would not understand its model "${id.slice(0, 60)}".`);
	const { id: upstreamId = id, name, provider, ...more } = parsed.data;
	const { provider: listed, ...base } = { ...plainModel(id, name), ...known.find((model) => model.id === upstreamId) };
	const npm = provider?.npm ?? listed?.npm;
	if (provider?.npm !== undefined) requirePackage(provider.npm);
	const api = provider?.api === undefined || oneAddress ? undefined : addressOf(provider.api, local);
	const own = { ...(npm !== undefined && { npm }), ...(api !== undefined && { api }) };
	return wellKnownModel.parse({
		...base,
		...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)),
		id,
		name: name ?? base.name,
		...(upstreamId !== id && { upstreamId }),
		...(Object.keys(own).length > 0 && { provider: own }),
	});
}

function addressOf(api: string, local: boolean): string {
	return checkDestination(api, { allowPrivate: local }).href.replace(/\/+$/, '');
}
