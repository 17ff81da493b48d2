import type { Credential } from '../auth/connections.ts';
import { fillUnasked, unaskedFields } from '../auth/input/fields.ts';
import { fillPlaceholders } from '../auth/input/placeholders.ts';
import { BASES } from '../auth/probes/targets.ts';
import type { StoredWellKnown } from '../auth/wellknown/stored.ts';
import { putTokenInHeaders, putTokenInOptions } from '../auth/wellknown/token.ts';
import type { CatalogProvider } from '../opencode/catalog.ts';
import type { ProviderModel, ProviderSetup } from '../opencode/config.ts';
import type { Secret } from '../secret.ts';

/** Options that OpenCode takes from its environment or configuration alone, by the field that holds them. */
const OPTION_OF_FIELD: Record<string, Record<string, string>> = {
	'amazon-bedrock': { region: 'region' },
	// Its loader would set the public instance, whatever the credential says.
	gitlab: { instanceUrl: 'instanceUrl' },
};

/** OpenCode's loader for it makes the requests itself; the package that a model names would be downloaded for nothing. */
const OWN_LOADER = ['cloudflare-ai-gateway'];

/** Puts a connection's extra fields where OpenCode does not look for them in the credential. */
export function withFields(
	setup: ProviderSetup,
	known: CatalogProvider | undefined,
	fields: Record<string, string>,
): ProviderSetup {
	if (known === undefined || setup.baseURL !== undefined) return setup;
	const fill = (template: string): string => fillUnasked(known, template, fields);
	const options = Object.entries(OPTION_OF_FIELD[known.id] ?? {}).flatMap(([field, option]) =>
		fields[field] === undefined ? [] : [[option, fields[field]]],
	);
	return {
		...setup,
		api: known.api === null ? ownBase(known, fields) : fill(known.api),
		options: Object.fromEntries(options),
		models: setup.models.map((model) => describedModel(model, fill, OWN_LOADER.includes(known.id))),
	};
}

/** Describes a provider as an organisation's document has it, with the token in its places. */
export function withOrganisation(
	setup: ProviderSetup,
	{ npm, envName, options }: StoredWellKnown,
	{ key, headers }: Credential,
): ProviderSetup {
	// A model with an address of its own keeps it: the common one does not replace every other.
	const isApart = setup.models.some(({ provider }) => provider?.api !== undefined);
	return {
		...setup,
		...(isApart && { api: setup.baseURL, baseURL: undefined }),
		npm: npm ?? setup.npm,
		options: key === undefined ? {} : putTokenInOptions(options, envName, key),
		headers: revealed(putTokenInHeaders(headers, envName, key)),
		mixedPackages: true,
	};
}

export function revealed(headers: Record<string, Secret>): Record<string, string> {
	return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
}

/** The address that a package would make of a variable which only doce has, as a field. */
function ownBase(known: CatalogProvider, fields: Record<string, string>): string | null {
	const base = BASES[known.id];
	const isOwn = base?.startsWith('https://{') === true && unaskedFields(known).length > 0;
	return isOwn ? (fillPlaceholders(base, fields) ?? null) : null;
}

function describedModel(model: ProviderModel, fill: (template: string) => string, ownLoader: boolean): ProviderModel {
	const { provider, ...rest } = model;
	if (provider === undefined) return model;
	const { npm, api } = provider;
	const own = { ...(npm !== undefined && !ownLoader && { npm }), ...(api !== undefined && { api: fill(api) }) };
	return Object.keys(own).length === 0 ? rest : { ...rest, provider: own };
}
