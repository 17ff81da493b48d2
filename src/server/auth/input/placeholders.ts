/** The extra field, as OpenCode names it, that fills a placeholder of the catalogue. */
const FIELDS: Record<string, string> = {
	CLOUDFLARE_ACCOUNT_ID: 'accountId',
	AZURE_RESOURCE_NAME: 'resourceName',
	AZURE_COGNITIVE_SERVICES_RESOURCE_NAME: 'resourceName',
	SNOWFLAKE_ACCOUNT: 'account',
	DATABRICKS_HOST: 'host',
	AWS_REGION: 'region',
};

const DEFAULT_FIELDS: Record<string, string> = { region: 'us-east-1' };

/** The name of the field that fills `${NAME}`. */
export function fieldOf(name: string): string {
	return FIELDS[name] ?? name;
}

type Addressed = { api: string | null; models: readonly { provider?: { api?: string | undefined } | undefined }[] };

/** The names of all `${NAME}` in a provider's addresses and those of its models. */
export function placeholdersIn({ api, models }: Addressed): string[] {
	const templates = [api ?? '', ...models.map(({ provider }) => provider?.api ?? '')];
	return [...new Set(templates.flatMap(namesIn))];
}

/** The fields that a template has places for. */
export function fieldsIn(template: string): string[] {
	return namesIn(template).map(fieldOf);
}

/**
 * Fills `${NAME}` (the catalogue's way) and `{NAME}` (ours) from the extra fields; undefined when one is missing or could
 * change more than its place. `which` leaves the others as they are.
 */
export function fillPlaceholders(
	template: string,
	fields: Record<string, string>,
	which: (field: string) => boolean = () => true,
): string | undefined {
	const wanted = namesIn(template).filter((name) => which(fieldOf(name)));
	if (wanted.some((name) => fillingOf(name, fields, template) === undefined)) return undefined;
	return template.replace(/\$?\{(\w+)\}/g, (place, name: string) =>
		wanted.includes(name) ? (fillingOf(name, fields, template) ?? place) : place,
	);
}

function namesIn(template: string): string[] {
	return [...template.matchAll(/\$?\{(\w+)\}/g)].map(([, name = '']) => name);
}

function fillingOf(name: string, fields: Record<string, string>, template: string): string | undefined {
	const field = fieldOf(name);
	const value = (fields[field] ?? fields[name] ?? DEFAULT_FIELDS[field])?.trim();
	if (value === undefined) return undefined;
	// A whole address stands at the front; anything else is one piece of one.
	const isAddress = name.endsWith('_URL') && /^\$?\{(\w+)\}/.exec(template)?.[1] === name && URL.canParse(value);
	return isAddress || /^[A-Za-z0-9][A-Za-z0-9._-]*(:\d+)?$/.test(value) ? value : undefined;
}
