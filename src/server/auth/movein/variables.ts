import { isKeyVariable } from '#server/config.ts';
import { AppError } from '#server/errors.ts';
import type { CatalogData, CatalogProvider } from '#server/opencode/catalog.ts';
import type { Secret } from '#server/secret.ts';
import { listAvailableProviders } from '../available.ts';
import { readKey } from '../input/key.ts';
import { publicBase } from '../probes/targets.ts';

/** A provider of the catalogue as moving in needs it. */
export type MoveInProvider = Pick<CatalogProvider, 'id' | 'name' | 'env' | 'authMethods' | 'api'> & {
	popular: boolean;
	/** Why it cannot be connected with a key, in words. */
	refusal: string | null;
};

/** Every provider of the catalogue, with whether a key connects it here. */
export function moveInProviders(catalog: CatalogData): MoveInProvider[] {
	const available = new Map(listAvailableProviders(catalog).map((provider) => [provider.id, provider]));
	return catalog.providers.map((provider) => ({
		...provider,
		popular: available.get(provider.id)?.popular ?? false,
		refusal: takesKeys(provider) ? (available.get(provider.id)?.unavailable ?? null) : SIGN_IN,
	}));
}

/**
 * A sign-in renews itself with a token that works once. Two programs that hold the same one sign each other out, so it
 * is never copied: signing in again gives doce a line of tokens of its own, and leaves the other program signed in.
 */
export const SIGN_IN =
	'Sign in again here: a sign-in that two programs share ends for both of them at its next renewal.';

function takesKeys({ authMethods }: Pick<CatalogProvider, 'authMethods'>): boolean {
	return authMethods.length === 0 || authMethods.some(({ type }) => type === 'api');
}

/** The providers that read a variable as their key, the likeliest first. */
export function providersOf(providers: MoveInProvider[], variable: string): MoveInProvider[] {
	if (!isKeyVariable(variable) || variable === SIGNING_KEY) return [];
	const word = variable.split('_')[0]?.toLowerCase() ?? '';
	const rank = ({ id, popular, refusal }: MoveInProvider): number =>
		(popular ? 0 : 4) + (id.startsWith(word) ? 0 : 2) + (refusal === null ? 0 : 1);
	return providers
		.filter(({ env }) => env.includes(variable))
		.sort((one, other) => rank(one) - rank(other) || one.id.length - other.id.length || (one.id < other.id ? -1 : 1));
}

/** Half of a signing pair, and no key by itself. */
const SIGNING_KEY = 'AWS_SECRET_ACCESS_KEY';

/** Why a variable that looks like a key belongs to no provider, in words; undefined when it does not look like one. */
export function whyNoProvider(variable: string): string | undefined {
	if (variable === SIGNING_KEY)
		return 'A pair of signing keys cannot be moved in. Amazon Bedrock also takes one key: AWS_BEARER_TOKEN_BEDROCK.';
	return /_API_?KEY$/.test(variable) ? 'No provider of the list reads this variable.' : undefined;
}

/** The variables that stand around a key: in the same text, or in the same environment. */
export type Surroundings = ReadonlyMap<string, Secret>;

/** The extra fields of a provider, from the variables around its key; or what keeps the key from being used, in words. */
export function fieldsFor(
	provider: MoveInProvider,
	variable: string,
	around: Surroundings,
): { fields: Record<string, string>; problem: string | null } {
	const elsewhere = addressVariables(variable).find((name) => pointsElsewhere(provider, around.get(name), name));
	if (elsewhere !== undefined) {
		const problem = `${elsewhere} sends this key to another address. Add it as a custom endpoint, so that it goes there alone.`;
		return { fields: {}, problem };
	}
	const settings = provider.env.filter((name) => !isKeyVariable(name));
	const given = settings.flatMap((name) => {
		const value = around.get(name)?.reveal();
		return value === undefined ? [] : [[fieldName(provider, name), value] as const];
	});
	const missing = settings.find((name) => !around.has(name) && isNeeded(provider, name));
	const problem = missing === undefined ? null : `${provider.name} also needs ${missing}: add that line.`;
	return { fields: Object.fromEntries(given), problem };
}

/** The names under which programs look for an address of one's own beside a key. */
function addressVariables(variable: string): string[] {
	const stem = variable.replace(/_[A-Z]*(KEY|TOKEN|PAT)$/, '').replace(/_API$/, '');
	return [`${stem}_BASE_URL`, `${stem}_API_BASE_URL`, `${stem}_API_BASE`, `${stem}_ENDPOINT`];
}

function pointsElsewhere(provider: MoveInProvider, address: Secret | undefined, name: string): boolean {
	if (address === undefined || provider.env.includes(name)) return false;
	return URL.parse(address.reveal())?.host !== URL.parse(publicBase(provider) ?? '')?.host;
}

/** OpenCode asks for `accountId` where a shell has `CLOUDFLARE_ACCOUNT_ID`. */
function fieldName(provider: MoveInProvider, variable: string): string {
	return promptKeys(provider).find((key) => variable.endsWith(`_${toSnake(key)}`)) ?? variable;
}

function isNeeded(provider: MoveInProvider, variable: string): boolean {
	return provider.api?.includes(`{${variable}}`) === true || fieldName(provider, variable) !== variable;
}

function promptKeys({ authMethods }: MoveInProvider): string[] {
	return authMethods.filter(({ type }) => type === 'api').flatMap(({ prompts }) => prompts.map(({ key }) => key));
}

function toSnake(name: string): string {
	return name.replace(/([A-Z])/g, '_$1').toUpperCase();
}

const PLACEHOLDER = /^(<.*>|\[.*\]|(sk-)?[xX]{3,}|\*+|(your|insert|replace|todo|change[-_ ]?me).*)$|\.\.\.|…/i;

/** Why a value cannot be a key, in words that repeat nothing of it; null when it can. */
export function keyProblem(value: Secret): string | null {
	const text = value.reveal().trim();
	if (text === '') return 'It has no value.';
	if (PLACEHOLDER.test(text)) return 'That looks like a placeholder, not a key.';
	try {
		readKey(text);
		return null;
	} catch (error) {
		if (error instanceof AppError) return error.message;
		throw error;
	}
}
