import { AppError } from '#server/errors.ts';
import { Secret } from '#server/secret.ts';
import type { ConnectProviderInput } from '#shared/providers.ts';
import type { WellKnownPreview } from '#shared/wellKnown.ts';
import type { Person } from '../connectionChanges.ts';
import type { ConnectionMetadata } from '../connections.ts';
import type { DirectoryProvider, ProviderDirectory } from '../input/directory.ts';
import { type Endpoint, targetOf } from '../input/endpoint.ts';
import { isBlank } from '../input/key.ts';
import type { Resolve } from '../probes/call.ts';
import { type Configured, type ConfiguredProvider, configuredProviders, providerIdsOf } from './configured.ts';
import { readDocument, readOrganisation, type WellKnownDocument } from './document.ts';
import { leftOutOf } from './leftOut.ts';
import { modelsOfWellKnown } from './stored.ts';

export type OrganisationDeps = {
	/** For providers of the same id in the catalogue. */
	directory: ProviderDirectory;
	/** Resolves names; tests pass one that lies. */
	resolve?: Resolve | undefined;
};

type Asked = { url: string; local?: boolean | undefined; token?: string | undefined };

/** Shows what an organisation's document would configure. Nothing is stored, nothing of it is run. */
export async function previewOrganisation(
	deps: OrganisationDeps,
	person: Person,
	asked: Asked,
	signal?: AbortSignal,
): Promise<WellKnownPreview> {
	const { document, providers, knownAs } = await readProviders(deps, person, asked, signal);
	return {
		url: document.url,
		envName: document.envName,
		command: document.command,
		providers: providers.map(({ id, name, provider, unavailable }) => ({
			id,
			name,
			baseUrl: provider?.baseUrl ?? null,
			models:
				provider === null
					? []
					: modelsOfWellKnown(provider.stored, knownAs(id)?.models ?? []).map((model) => ({
							id: model.id,
							name: model.name,
						})),
			unavailable,
		})),
		leftOut: leftOutOf(document.config),
		needsToken: document.needsToken,
		tokenShownAt: document.tokenShownAt === null ? null : new URL(document.tokenShownAt).host,
	};
}

/** What an organisation's document says of one provider. Throws `AppError` when it does not configure it, or not usably. */
export async function readConfiguredProvider(
	deps: OrganisationDeps,
	person: Person,
	asked: Asked & { providerId: string },
	signal?: AbortSignal,
): Promise<ConfiguredProvider> {
	const { document, providers } = await readProviders(deps, person, asked, signal);
	const found = providers.find(({ id }) => id === asked.providerId);
	if (found === undefined) {
		const offered = providers.map(({ id }) => id).join(', ');
		throw new AppError(
			'invalid',
			`${new URL(document.url).host} configures no provider "${asked.providerId}". ${offered === '' ? 'It configures none.' : `It configures ${offered}.`}`,
		);
	}
	if (found.provider === null) throw new AppError('invalid', `${found.name} cannot be connected: ${found.unavailable}`);
	return found.provider;
}

/** The endpoint that a person's input means: one provider of an organisation's document, and the token for it. */
export async function endpointFromOrganisation(
	deps: OrganisationDeps,
	person: Person,
	input: ConnectProviderInput,
	signal?: AbortSignal,
): Promise<Endpoint> {
	if (input.url === undefined) throw new AppError('invalid', 'Give the address of the organisation.');
	if (isBlank(input.token)) throw new AppError('invalid', 'Paste the token.');
	const { providerId, url, local, token } = input;
	const provider = await readConfiguredProvider(deps, person, { providerId, url, local, token }, signal);
	return endpointOfProvider(provider, local === true, await deps.directory.find(providerId));
}

/** How a provider of a document is stored and tried. */
export function endpointOfProvider(
	provider: ConfiguredProvider,
	local: boolean,
	known: DirectoryProvider | undefined,
): Endpoint {
	const { id, name, baseUrl, format, headers, stored } = provider;
	const metadata: ConnectionMetadata = {
		custom: { name, models: [], format, local, headerNames: Object.keys(headers) },
		fields: {},
		wellKnown: stored,
	};
	const target = targetOf(known, { providerId: id, baseUrl, metadata, headers });
	return { target, baseUrl, metadata, keyOptional: false };
}

type Read = {
	document: WellKnownDocument;
	providers: Configured[];
	knownAs: (id: string) => DirectoryProvider | undefined;
};

async function readProviders(
	deps: OrganisationDeps,
	person: Person,
	{ url, local = false, token }: Asked,
	signal: AbortSignal | undefined,
): Promise<Read> {
	if (local && person.role !== 'admin')
		throw new AppError('forbidden', 'Only an admin can connect an organisation at a private address.');
	const secret = isBlank(token) ? undefined : new Secret(token?.trim() ?? '');
	const document = await readDocument({
		url: readOrganisation(url, local),
		local,
		token: secret,
		signal,
		resolve: deps.resolve,
	});
	const known = new Map<string, DirectoryProvider | undefined>();
	for (const id of providerIdsOf(document)) known.set(id, await deps.directory.find(id));
	const knownAs = (id: string) => known.get(id);
	return { document, providers: configuredProviders(document, local, knownAs), knownAs };
}
