import { z } from 'zod';
import { AppError } from '#server/errors.ts';
import type { Secret } from '#server/secret.ts';
import { providerId as providerIdShape, type WireFormat } from '#shared/providers.ts';
import { DEMO_PROVIDER_ID } from '../connections.ts';
import { checkDestination } from '../destinations.ts';
import type { DirectoryProvider } from '../input/directory.ts';
import { readBaseUrl, readHeaders } from '../input/endpoint.ts';
import { isRecord, type WellKnownDocument } from './document.ts';
import { readModels } from './models.ts';
import { formatOfPackage, requirePackage } from './packages.ts';
import { addressesIn, type StoredWellKnown, textsIn } from './stored.ts';
import { substitutionsIn } from './token.ts';

/** One provider of a document, ready to be connected. */
export type ConfiguredProvider = {
	id: string;
	name: string;
	/** null: the provider's own address. */
	baseUrl: string | null;
	format: WireFormat | null;
	/** As the document has them: `{env:NAME}` stands where the token belongs. */
	headers: Record<string, Secret>;
	stored: StoredWellKnown;
};

export type Configured = { id: string; name: string } & (
	| { provider: ConfiguredProvider; unavailable: null }
	| { provider: null; unavailable: string }
);

/** At most this many providers of one document are looked at. */
const MAX_PROVIDERS = 100;

const entryShape = z.looseObject({
	name: z.string().trim().min(1).max(60).optional().catch(undefined),
	npm: z.string().optional(),
	api: z.string().optional(),
	options: z.record(z.string(), z.json()).default({}),
	models: z.record(z.string(), z.unknown()).default({}),
	whitelist: z.array(z.string()).optional(),
	blacklist: z.array(z.string()).default([]),
});
type Entry = z.infer<typeof entryShape>;

/** Every provider that a document configures and does not switch off, each with the reason if it cannot be connected. */
export function configuredProviders(
	document: WellKnownDocument,
	local: boolean,
	find: (providerId: string) => DirectoryProvider | undefined,
): Configured[] {
	const { enabled_providers: enabled, disabled_providers: disabled } = document.config;
	const isOn = (id: string): boolean =>
		(!Array.isArray(enabled) || enabled.includes(id)) && !(Array.isArray(disabled) && disabled.includes(id));
	return entriesOf(document)
		.filter(([id]) => isOn(id))
		.map(([id, entry]) => configured(document, { id, entry, local, known: find(id) }));
}

/** The ids of the providers in a document. */
export function providerIdsOf(document: WellKnownDocument): string[] {
	return entriesOf(document).map(([id]) => id);
}

function entriesOf({ config }: WellKnownDocument): [string, unknown][] {
	const { provider } = config;
	return Object.entries(isRecord(provider) ? provider : {}).slice(0, MAX_PROVIDERS);
}

type Found = { id: string; entry: unknown; local: boolean; known: DirectoryProvider | undefined };

function configured(document: WellKnownDocument, found: Found): Configured {
	const { id } = found;
	const fallback = found.known?.name ?? id.slice(0, 60);
	try {
		const provider = readProvider(document, found);
		return { id, name: provider.name, provider, unavailable: null };
	} catch (error) {
		if (!(error instanceof AppError)) throw error;
		return { id: id.slice(0, 100), name: fallback, provider: null, unavailable: error.message };
	}
}

function readProvider(document: WellKnownDocument, { id, entry, local, known }: Found): ConfiguredProvider {
	const parsed = entryShape.safeParse(entry);
	if (!providerIdShape.safeParse(id).success || id === DEMO_PROVIDER_ID)
		throw new AppError('invalid', 'Its id is none that doce can use.');
	if (!parsed.success) throw new AppError('invalid', 'OpenCode would not understand its configuration.');
	const { name, npm, api, options, models, whitelist, blacklist } = parsed.data;
	requireOwnSubstitutions(parsed.data, document.envName);
	const { baseURL, apiKey, headers, ...rest } = options;
	requireNoSecrets(rest);
	if (apiKey !== undefined && apiKey !== `{env:${document.envName}}`)
		throw new AppError(
			'invalid',
			'The document hands out a key for it, which doce does not take over. It can only use your token.',
		);
	if (npm !== undefined) requirePackage(npm);
	const address = baseURL ?? api;
	if (address !== undefined && typeof address !== 'string') throw new AppError('invalid', 'Its address is none.');
	if (address === undefined && (known === undefined || apiKey === undefined))
		throw new AppError('invalid', 'The document gives it no address of its own to send your token to.');
	for (const other of addressesIn(rest)) checkDestination(other, { allowPrivate: local });
	return {
		id,
		name: name ?? known?.name ?? id,
		baseUrl: address === undefined ? null : readBaseUrl(address, local),
		format: formatOfPackage(npm, known !== undefined),
		headers: readHeaders(textHeaders(headers)),
		stored: {
			url: document.url,
			envName: document.envName,
			tokenShownAt: document.tokenShownAt,
			npm: npm ?? known?.npm ?? null,
			options: rest,
			models: readModels(models, { known: known?.models ?? [], local, oneAddress: baseURL !== undefined }),
			only: whitelist ?? null,
			without: blacklist,
			readAt: Date.now(),
		},
	};
}

/** The token may stand in headers and options; anything else that OpenCode would fill in is not doce's to give. */
function requireOwnSubstitutions(entry: Entry, envName: string): void {
	const { options, ...outside } = entry;
	const { baseURL, ...inside } = options;
	const all = textsIn(entry).flatMap(substitutionsIn);
	const foreign = all.find(({ kind, name }) => kind === 'file' || name !== envName);
	if (foreign !== undefined) {
		const what = foreign.kind === 'file' ? 'a file of this server' : `the variable ${foreign.name} of this server`;
		throw new AppError('invalid', `It asks for ${what}, which doce does not hand out.`);
	}
	const misplaced = [...textsIn(outside), ...textsIn(baseURL), ...addressesIn(inside)];
	if (misplaced.some((text) => substitutionsIn(text).length > 0))
		throw new AppError('invalid', 'It wants your token in an address or a name, where it would be seen.');
}

/** A copy of the configuration is kept in clear, so it must not hold secrets of its own. */
function requireNoSecrets(options: Record<string, unknown>): void {
	const secret = Object.entries(options).find(
		([name, value]) =>
			/key|secret|token|passw|credential/i.test(name) &&
			textsIn(value).some((text) => substitutionsIn(text).length === 0 && text !== ''),
	);
	if (secret !== undefined)
		throw new AppError(
			'invalid',
			`The document hands out a secret for it (${secret[0]}), which doce does not take over.`,
		);
}

function textHeaders(headers: unknown): Record<string, string> {
	if (headers === undefined) return {};
	const parsed = z.record(z.string().regex(/^[A-Za-z0-9-]{1,80}$/), z.string().max(2_000)).safeParse(headers);
	if (!parsed.success) throw new AppError('invalid', 'Its headers are none that can be sent.');
	return parsed.data;
}
