import { AppError } from '#server/errors.ts';
import { Secret } from '#server/secret.ts';
import type { ConnectProviderInput } from '#shared/providers.ts';
import { type ConnectionMetadata, type ConnectionRow, DEMO_PROVIDER_ID, metadataOf } from '../connections.ts';
import { checkDestination, isPrivateAddress } from '../destinations.ts';
import type { ProbeTarget } from '../probes/targets.ts';
import { modelsOfWellKnown, upstreamIdOf } from '../wellknown/stored.ts';
import type { DirectoryProvider } from './directory.ts';
import { readFields, trimmed } from './fields.ts';

/** Where a connection's calls will go, and what its row remembers of it. */
export type Endpoint = {
	target: ProbeTarget;
	baseUrl: string | null;
	metadata: ConnectionMetadata;
	/** Whether it may be connected without a key. */
	keyOptional: boolean;
};

/** Headers that belong to the connection itself. */
const RESERVED_HEADERS =
	/^(host|connection|content-length|content-type|transfer-encoding|upgrade|te|trailer|expect|cookie|proxy-.*)$/i;
const MAX_HEADERS = 20;

/**
 * Reads from a person's input which endpoint is meant. A known provider with an address of its own keeps its SDK and
 * wire format. Throws `AppError`: `invalid` for what cannot be, `forbidden` for a private address without an admin's word.
 */
export function endpointFromInput(
	known: DirectoryProvider | undefined,
	input: ConnectProviderInput,
	isAdmin: boolean,
): Endpoint {
	const { custom } = input;
	if (input.providerId === DEMO_PROVIDER_ID && (custom ?? input.url) !== undefined) {
		throw new AppError('invalid', 'The demo has no address of its own to set. Choose another id for your endpoint.');
	}
	if (known === undefined && custom === undefined) {
		throw new AppError(
			'invalid',
			`There is no provider "${input.providerId}". Choose one from the list, or add a custom endpoint.`,
		);
	}
	if (custom !== undefined && input.url !== undefined && input.url !== custom.baseURL) {
		throw new AppError('invalid', 'Two different addresses were given. Leave one out.');
	}
	const local = custom?.local === true || input.local === true;
	if (local && !isAdmin) throw new AppError('forbidden', 'Only an admin can connect a local server.');
	if (isLocalProvider(known) && !isAdmin)
		throw new AppError('forbidden', `${known?.name} runs on this server's network: only an admin can connect it.`);
	const address = custom?.baseURL ?? input.url;
	const baseUrl = address === undefined ? null : readBaseUrl(address, local);
	const headers = readHeaders(custom?.headers ?? {});
	const metadata: ConnectionMetadata = {
		custom: custom === undefined ? null : customMetadata(known, custom, Object.keys(headers)),
		fields:
			known === undefined
				? trimmed(input.metadata ?? {})
				: readFields(known, input.metadata ?? {}, { allowPrivate: local, ownAddress: baseUrl !== null }),
		...(input.local === true && { local: true }),
	};
	const keyOptional =
		known === undefined || known.id === 'opencode' || custom?.local === true || isLocalProvider(known);
	return {
		target: targetOf(known, { providerId: input.providerId, baseUrl, metadata, headers }),
		baseUrl,
		metadata,
		keyOptional,
	};
}

function customMetadata(
	known: DirectoryProvider | undefined,
	custom: NonNullable<ConnectProviderInput['custom']>,
	headerNames: string[],
): NonNullable<ConnectionMetadata['custom']> {
	return {
		name: custom.name,
		models: custom.models.map(({ id, name }) => ({ id, name: name || id })),
		format: custom.format ?? (known === undefined ? 'chat-completions' : null),
		local: custom.local === true,
		headerNames,
	};
}

/** The endpoint of a stored connection, with its opened headers. */
export function targetFromRow(
	known: DirectoryProvider | undefined,
	row: ConnectionRow,
	headers: Record<string, Secret>,
): ProbeTarget {
	return targetOf(known, { providerId: row.provider_id, baseUrl: row.base_url, metadata: metadataOf(row), headers });
}

export function targetOf(
	known: DirectoryProvider | undefined,
	endpoint: {
		providerId: string;
		baseUrl: string | null;
		metadata: ConnectionMetadata;
		headers: Record<string, Secret>;
	},
): ProbeTarget {
	const { custom, fields, wellKnown } = endpoint.metadata;
	return {
		providerId: endpoint.providerId,
		providerName: (wellKnown && custom?.name) ?? known?.name ?? custom?.name ?? endpoint.providerId,
		npm: wellKnown?.npm ?? known?.npm ?? null,
		api: known?.api ?? null,
		baseURL: endpoint.baseUrl,
		format: custom?.format ?? null,
		models:
			wellKnown === undefined
				? (custom?.models ?? known?.models ?? []).map(({ id }) => id)
				: modelsOfWellKnown(wellKnown, known?.models ?? []).map(upstreamIdOf),
		keyName: wellKnown?.envName,
		allowPrivate: isLocal(endpoint.metadata) || (endpoint.baseUrl === null && isLocalProvider(known)),
		headers: endpoint.headers,
		fields,
	};
}

/** Whether an admin has said that a private address is meant. */
export function isLocal({ custom, local }: ConnectionMetadata): boolean {
	return custom?.local === true || local === true;
}

/** Some providers of the catalogue are programs on one's own machine, such as LM Studio. */
function isLocalProvider(known: DirectoryProvider | undefined): boolean {
	const api = known?.api ?? '';
	return URL.canParse(api) && isPrivateAddress(new URL(api));
}

/** The base URL of an API, normalised. Throws `AppError('invalid')` for what is none, or must not be called. */
export function readBaseUrl(address: string, local: boolean): string {
	const url = checkDestination(address, { allowPrivate: local });
	if (url.search !== '' || url.hash !== '')
		throw new AppError('invalid', 'Leave out what follows the "?" or "#" of the address.');
	const route = /\/(chat\/completions|completions|responses|messages|models)\/*$/.exec(url.pathname);
	if (route !== null)
		throw new AppError(
			'invalid',
			`Leave "/${route[1]}" out: give the address that comes before it, often ending in /v1.`,
		);
	return url.href.replace(/\/+$/, '');
}

/** Extra headers, by lower-case name. Throws `AppError('invalid')` for one that cannot be sent. */
export function readHeaders(given: Record<string, string>): Record<string, Secret> {
	const entries = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value.trim()] as const);
	if (entries.length > MAX_HEADERS)
		throw new AppError('invalid', `An endpoint has at most ${MAX_HEADERS} extra headers.`);
	for (const [name, value] of entries) {
		if (RESERVED_HEADERS.test(name)) throw new AppError('invalid', `The header "${name}" cannot be set.`);
		if (!/^[\x20-\x7e]+$/.test(value))
			throw new AppError(
				'invalid',
				`The value of the header "${name}" is empty or has characters that no header takes.`,
			);
	}
	return Object.fromEntries(entries.map(([name, value]) => [name, new Secret(value)]));
}
